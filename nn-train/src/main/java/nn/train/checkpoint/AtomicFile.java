package nn.train.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole, so that whenever the power goes there is either the old one or the new one under its
 * name: the new content goes to a file beside it and is forced to the disk, the old file also gets the name with {@code
 * .previous}, the new one takes the name in one step, and the folder is forced too.
 */
final class AtomicFile {
    private static final Pattern UNFINISHED = Pattern.compile("\\.(\\d+)-\\d+\\.unfinished");

    private AtomicFile() {}

    /** Puts the content into a channel. */
    @FunctionalInterface
    interface Content {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    static void write(Path file, Content content) throws IOException {
        Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
        if (Files.isDirectory(target)) {
            throw new IOException(file + " is a folder; give the name of a file");
        }
        removeUnfinished(target);
        // No two threads that live share a name. One that is gone may have had it, above all in a container, where
        // every process is number 1: what it left is in the way.
        String own = "." + ProcessHandle.current().pid() + "-" + Thread.currentThread().threadId() + ".unfinished";
        Path unfinished = target.resolveSibling(target.getFileName() + own);
        Files.deleteIfExists(unfinished);
        try {
            try (FileChannel channel =
                    FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            keepPrevious(target, own);
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        forceFolder(target.getParent());
    }

    /** The name under which the file before is kept. */
    static Path previous(Path file) {
        return file.resolveSibling(file.getFileName() + ".previous");
    }

    /** Gives the file a second name; it keeps its own until the new one takes it. */
    private static void keepPrevious(Path target, String own) throws IOException {
        Path link = target.resolveSibling(target.getFileName() + ".previous" + own);
        Files.deleteIfExists(link);
        try {
            try {
                Files.createLink(link, target);
            } catch (NoSuchFileException e) {
                return; // there is no file before this one
            } catch (UnsupportedOperationException | IOException e) {
                if (Files.notExists(target)) {
                    return;
                }
                Files.copy(target, link); // a file system without links
            }
            Files.move(link, previous(target), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(link);
        }
    }

    /** Removes what a process that is gone has left half written. */
    private static void removeUnfinished(Path target) throws IOException {
        String name = target.getFileName().toString();
        Path folder = target.getParent();
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "no such folder; create it before writing into it");
        }
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder)) {
            for (Path sibling : siblings) {
                String other = sibling.getFileName().toString();
                if (other.startsWith(name)) {
                    String rest = other.substring(name.length());
                    Matcher matcher = UNFINISHED.matcher(
                            rest.startsWith(".previous") ? rest.substring(".previous".length()) : rest);
                    if (matcher.matches() && !isAlive(matcher.group(1))) {
                        Files.deleteIfExists(sibling);
                    }
                }
            }
        }
    }

    private static boolean isAlive(String pid) {
        try {
            return ProcessHandle.of(Long.parseLong(pid)).isPresent();
        } catch (NumberFormatException e) {
            return true; // not a name of ours
        }
    }

    private static void forceFolder(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) { // elsewhere it cannot be opened
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
