package nn.examples;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A file or folder for results, named on the command line. It is checked before the work begins, so that minutes of
 * measuring are not lost to a missing folder.
 *
 * @param option such as {@code --json}
 * @param path the file or folder
 */
record Destination(String option, Path path) {
    /** The paths of the standard output and the standard error stream; absent on Windows. */
    private static final List<Map.Entry<String, Path>> OUTPUTS = List.of(
            Map.entry("standard output", Path.of("/dev/stdout")),
            Map.entry("the error stream", Path.of("/dev/stderr")));

    static Destination of(String option, Arguments arguments) {
        return new Destination(option, arguments.path(option).toAbsolutePath());
    }

    /**
     * Checks that a file can be written here.
     *
     * @param example a name for it without an extension, to be suggested where a folder was named
     */
    void requireFile(String example) throws IOException {
        if (!Files.exists(path)) { // or it cannot be found out
            requirePossible();
        }
        if (Files.isDirectory(path)) {
            throw refusal("that is a folder; name a file, such as " + path.resolve(example + extension()));
        }
        if (isReadOnly()) {
            throw refusal("that file is read-only");
        }
        Path folder = path.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw refusal("there is no folder " + folder + "; make it first");
        }
        requireNoOutput();
        boolean replaced = !Files.exists(path) || Files.isRegularFile(path); // neither a pipe nor a device
        if (replaced && !Files.isWritable(folder)) {
            throw refusal("the folder " + folder + " is read-only");
        }
    }

    /** Refuses a file that the text of the program goes to. */
    private void requireNoOutput() throws IOException {
        for (Map.Entry<String, Path> output : OUTPUTS) {
            if (isOutput(output.getValue())) {
                throw refusal(output.getKey() + " goes to that file, and one would replace the other; name another"
                        + " file");
            }
        }
    }

    /** Whether the file exists and may not be written; an administrator may write all but those of no writer at all. */
    private boolean isReadOnly() throws IOException {
        PosixFileAttributeView view =
                Files.exists(path) ? Files.getFileAttributeView(path, PosixFileAttributeView.class) : null;
        boolean noWriter = view != null
                && view.readAttributes().permissions().stream()
                        .noneMatch(permission -> permission.name().endsWith("_WRITE"));
        return noWriter && Files.isRegularFile(path) || Files.exists(path) && !Files.isWritable(path);
    }

    /** Refuses a name that no new file can have. */
    private void requirePossible() throws IOException {
        try {
            path.toRealPath();
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(path)) {
                throw refusal("that is a link to a file that does not exist; name the file");
            }
        } catch (FileSystemException e) { // such as links in a circle, or a name too long
            throw refusal(e.getReason() == null ? "there can be no such file" : e.getReason());
        }
    }

    /**
     * Checks that files can be written into a folder here, which need not exist yet.
     *
     * @param written whether a file of a name is written
     */
    void requireFolder(Predicate<String> written) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw refusal("that is a file; name a folder");
        }
        Path there = path;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there) || !Files.isWritable(there)) {
            throw refusal("no folder can be made in " + there);
        }
        if (there.equals(path) && Files.isReadable(path)) { // else nobody can list it
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.sorted().toList()) {
                    if (written.test(file.getFileName().toString())) {
                        new Destination(option, file).requireReplaceable();
                    }
                }
            }
        }
    }

    /** Checks that an old file in a folder of results can be replaced. */
    private void requireReplaceable() throws IOException {
        if (Files.isDirectory(path)) {
            throw refusal("that is a folder, and a table would be written there; name another folder");
        }
        if (isReadOnly()) {
            throw refusal("that file is read-only, and a table would replace it; name another folder");
        }
        requireNoOutput();
    }

    /** Writes a whole file; on failure, an existing file keeps its contents. */
    void write(String text) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) { // a pipe or a device
            Files.writeString(path, text);
            return;
        }
        Path target = Files.exists(path) ? path.toRealPath() : path; // a link stays a link
        Path part = part(target);
        try {
            Files.writeString(part, text);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes whole files, by their names, into this folder, which is created if it does not exist. */
    void writeAll(Map<String, String> texts) throws IOException {
        Files.createDirectories(path);
        for (Map.Entry<String, String> text : texts.entrySet()) {
            new Destination(option, path.resolve(text.getKey())).write(text.getValue());
        }
    }

    /** Creates an empty file next to the target, with the permissions of the target or else of any new file. */
    private static Path part(Path target) throws IOException {
        Path folder = target.getParent();
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return Files.createTempFile(folder, "nn", ".part");
        }
        // By default only the owner may read a temporary file; the umask still restricts these permissions.
        Path part = Files.createTempFile(
                folder,
                "nn",
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-")));
        if (Files.exists(target)) {
            Files.setPosixFilePermissions(part, Files.getPosixFilePermissions(target));
        }
        return part;
    }

    /** Whether this is the regular file that an output goes to. */
    boolean isOutput(Path output) throws IOException {
        return Files.isRegularFile(path) && Files.isRegularFile(output) && Files.isSameFile(path, output);
    }

    /** Whether this, or one of the folders that it is in, is the other. */
    boolean isWithin(Destination folder) throws IOException {
        for (Path there = path.normalize(); there != null; there = there.getParent()) {
            if (new Destination(option, there).isSameAs(folder)) {
                return true;
            }
        }
        return false;
    }

    /** Whether both are one file. */
    boolean isSameAs(Destination other) throws IOException {
        return path.normalize().equals(other.path.normalize())
                || Files.exists(path) && Files.exists(other.path) && Files.isSameFile(path, other.path);
    }

    /** An action that writes files. */
    @FunctionalInterface
    interface Writing {
        void run() throws IOException;
    }

    /** Runs the action; returns a sentence about a failure, or an empty text. */
    String attempt(Writing writing) {
        try {
            writing.run();
            return "";
        } catch (IOException e) {
            // Most of these have no message but the file's name.
            String reason = e instanceof FileSystemException file && file.getReason() != null
                    ? file.getReason()
                    : e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
            return refusal("cannot be written: " + reason).getMessage();
        }
    }

    private UsageException refusal(String reason) {
        return new UsageException("option " + option + " is '" + path + "': " + reason);
    }

    private String extension() {
        return option.equals("--report") ? ".html" : ".json";
    }
}
