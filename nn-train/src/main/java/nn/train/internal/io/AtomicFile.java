package nn.train.internal.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole: after a crash at any moment, the old file or the new one exists under its name. The new
 * content is written to another file of the same folder and forced to the disk; that file is renamed in one step; then
 * the folder is forced to the disk. Until the renaming, an error leaves the old file unchanged.
 *
 * <p>The new file has the permissions of the old one, and its owner and group where the process may set them. A
 * symbolic link is followed. Only a regular file is replaced, and one that is read-only is not. Interrupting the thread
 * does not disturb writing; its interrupt status is kept.
 */
public final class AtomicFile {
    private static final Pattern UNFINISHED = Pattern.compile("\\.(\\d+)-\\d+\\.unfinished$");
    private static final String PREVIOUS = ".previous";
    private static final int LONGEST_NAME = 255; // in bytes, as most file systems have it
    private static final int CUT = 180; // bytes kept of a name too long, so that any suffix fits
    private static final int MAX_LINKS = 40;
    private static final Duration UNTOUCHED = Duration.ofMinutes(10); // longer than any disk takes for a part

    private AtomicFile() {}

    /** The content of a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of it.
         *
         * @param out the destination; not closed
         * @throws IOException if it cannot be written; the old file is unchanged
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param file the destination; its folder must exist
     * @param content the content of the file
     * @throws IOException if it cannot be written; the old file is unchanged
     */
    public static void write(Path file, Content content) throws IOException {
        write(file, content, false);
    }

    /**
     * Writes a file, and keeps the old one as {@link #previous}.
     *
     * @param file the destination; its folder must exist
     * @param content the content of the file
     * @throws IOException if it cannot be written; the old file is unchanged
     */
    public static void writeKeepingPrevious(Path file, Content content) throws IOException {
        write(file, content, true);
    }

    /**
     * Checks that a file can be written, as far as that can be known before writing.
     *
     * @param file the file to be written later
     * @throws IOException if its folder does not exist, or the name is that of a folder, a device, a pipe or a
     *     read-only file
     */
    public static void requireWritable(Path file) throws IOException {
        requireReplaceable(file, target(file));
    }

    /**
     * Returns the path under which {@link #writeKeepingPrevious} keeps the old file: the name of the file and {@code
     * .previous}; for a name too long for that, its beginning, a hash and {@code .previous}.
     *
     * @param file the file; a symbolic link is followed
     * @return a path in the same folder
     * @throws IOException if a symbolic link cannot be read
     */
    public static Path previous(Path file) throws IOException {
        return withSuffix(target(file), PREVIOUS);
    }

    private static void write(Path file, Content content, boolean keepPrevious) throws IOException {
        Path target = target(file);
        Path folder = requireReplaceable(file, target);
        removeUnfinished(folder, target);
        // Random, because processes in two containers may have the same number and write into one volume.
        String random = Long.toUnsignedString(UUID.randomUUID().getMostSignificantBits());
        String own = "." + ProcessHandle.current().pid() + "-" + random + ".unfinished";
        Path unfinished = withSuffix(target, own);
        try {
            createLike(target, unfinished);
            // Unlike a FileChannel, this stream is not closed by an interrupt.
            try (OutputStream out = Files.newOutputStream(unfinished, StandardOpenOption.WRITE)) {
                content.writeTo(out);
            }
            force(unfinished, StandardOpenOption.WRITE);
            if (keepPrevious) {
                keepPrevious(target, own);
            }
            move(unfinished, target);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) { // such as that of a full disk, which names no file
            FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
            named.initCause(e);
            throw named;
        } finally {
            Files.deleteIfExists(unfinished);
        }
        // Other systems do not open folders.
        if (target.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            force(folder, StandardOpenOption.READ);
        }
    }

    /** Follows symbolic links to a file that may not exist. */
    private static Path target(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MAX_LINKS) {
                throw new FileSystemException(file.toString(), null, "its symbolic links lead in a circle");
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        return target;
    }

    /** Refuses a file that cannot be replaced, and returns its folder. */
    private static Path requireReplaceable(Path file, Path target) throws IOException {
        Path folder = target.getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new FileSystemException(file.toString(), null, "this is a folder; give the name of a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "no such folder; create it before writing into it");
        }
        if (!Files.isWritable(folder)) {
            throw new AccessDeniedException(
                    folder.toString(), null, "the folder is read-only; make it writable or choose another one");
        }
        if (!Files.exists(target)) {
            return folder;
        }
        if (!Files.isRegularFile(target)) {
            throw new FileSystemException(
                    file.toString(), null, "this is a device or a pipe, not a regular file; give the name of a file");
        }
        if (!Files.isWritable(target) || isReadOnlyForAll(target)) {
            throw new AccessDeniedException(
                    file.toString(), null, "the file is read-only; make it writable or choose another name");
        }
        return folder;
    }

    /** Returns whether nobody may write the file; to an administrator, every file is writable. */
    private static boolean isReadOnlyForAll(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        Set<PosixFilePermission> writing = EnumSet.of(
                PosixFilePermission.OWNER_WRITE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
        return view != null && view.readAttributes().permissions().stream().noneMatch(writing::contains);
    }

    /** Creates a file that only those can read who could read the old one. */
    private static void createLike(Path old, Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(old, PosixFileAttributeView.class);
        if (view == null || Files.notExists(old)) {
            Files.createFile(file);
            return;
        }
        PosixFileAttributes attributes = view.readAttributes();
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(
                        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
        PosixFileAttributeView own = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        try {
            if (!own.readAttributes().group().equals(attributes.group())) {
                own.setGroup(attributes.group());
            }
            if (!own.getOwner().equals(attributes.owner())) {
                own.setOwner(attributes.owner());
            }
        } catch (IOException e) {
            // Only an administrator may give files away; the permissions are kept anyway.
        }
        own.setPermissions(attributes.permissions());
    }

    private static void keepPrevious(Path target, String own) throws IOException {
        Path link = withSuffix(target, PREVIOUS + own);
        try {
            try {
                Files.createLink(link, target); // the file has both names until the new one takes the first
            } catch (NoSuchFileException e) {
                return; // there is no old file
            } catch (UnsupportedOperationException | IOException e) {
                if (Files.notExists(target)) {
                    return;
                }
                Files.copy(target, link, StandardCopyOption.COPY_ATTRIBUTES); // a file system without links
            }
            move(link, withSuffix(target, PREVIOUS));
        } finally {
            Files.deleteIfExists(link);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException | UnsupportedOperationException e) { // as within an archive
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Returns the path with a suffix. A name too long for that is cut, and gets a hash that distinguishes it from
     * others with the same beginning.
     */
    private static Path withSuffix(Path file, String suffix) {
        String name = file.getFileName().toString();
        if (bytes(name) + suffix.length() > LONGEST_NAME) {
            String end = "~" + hash(name);
            int kept = name.length();
            while (bytes(name.substring(0, kept)) > CUT) {
                kept = name.offsetByCodePoints(kept, -1);
            }
            name = name.substring(0, kept) + end;
        }
        return file.resolveSibling(name + suffix);
    }

    private static int bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Removes the unfinished files that a dead process left. */
    private static void removeUnfinished(Path folder, Path target) throws IOException {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder, "*.unfinished")) {
            for (Path sibling : siblings) {
                Matcher matcher = UNFINISHED.matcher(sibling.getFileName().toString());
                if (matcher.find()
                        && (sibling.getFileName()
                                        .equals(withSuffix(target, matcher.group())
                                                .getFileName())
                                || sibling.getFileName()
                                        .equals(withSuffix(target, PREVIOUS + matcher.group())
                                                .getFileName()))
                        && isLeft(sibling, matcher.group(1))) {
                    Files.deleteIfExists(sibling);
                }
            }
        }
    }

    /**
     * Returns whether no live process writes an unfinished file. Its process number tells that only of processes of
     * this machine or container, so the file must also be old. If a live process has the number, it is another one if
     * it began after the last change of the file.
     */
    private static boolean isLeft(Path file, String pid) throws IOException {
        Instant changed;
        try {
            changed = Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException e) {
            return false; // finished in the meantime
        }
        if (changed.isAfter(Instant.now().minus(UNTOUCHED))) {
            return false;
        }
        try {
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(pid));
            return process.isEmpty()
                    || process.get()
                            .info()
                            .startInstant()
                            .filter(changed::isBefore)
                            .isPresent();
        } catch (NumberFormatException e) {
            return false; // this class did not give the name
        }
    }

    /** Forces a file or a folder to the disk; repeats it if an interrupt closes the channel. */
    private static void force(Path path, OpenOption option) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            return; // such as an archive, which is written when it is closed
        }
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(path, option)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
