package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
    @TempDir
    private Path folder;

    private static AtomicFile.Content text(String text) {
        return out -> out.write(text.getBytes());
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Test
    void anInterruptedThreadWritesAndStaysInterrupted() throws IOException {
        Path file = folder.resolve("file");
        for (String content : new String[] {"first", "second"}) {
            Thread.currentThread().interrupt();
            try {
                AtomicFile.writeKeepingPrevious(file, text(content));
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
        assertThat(file).hasContent("second");
        assertThat(AtomicFile.previous(file)).hasContent("first");
    }

    @Test
    void anInterruptWhileTheContentIsWrittenDoesNotDisturbIt() throws IOException {
        Path file = folder.resolve("file");
        AtomicFile.write(file, out -> {
            out.write('a');
            Thread.currentThread().interrupt();
            out.write('b');
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(file).hasContent("ab");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw-r--", "rwxrwxrwx"})
    void theModeOfTheOldFileIsKept(String mode) throws IOException {
        assumeTrue(isPosix(folder), "permissions");
        Path file = Files.createFile(folder.resolve("file"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        AtomicFile.writeKeepingPrevious(file, text("new"));
        assertThat(file).hasContent("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo(mode);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(AtomicFile.previous(file))))
                .isEqualTo(mode);
    }

    @Test
    void aReadOnlyFileIsRefused() throws IOException {
        assumeTrue(isPosix(folder), "permissions");
        Path file = Files.writeString(folder.resolve("file"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> AtomicFile.write(file, text("new")))
                .withMessage(file + ": the file is read-only; make it writable or choose another name");
        assertThat(file).hasContent("old");
    }

    @Test
    void aPipeADeviceAndAFolderAreRefusedBeforeAnythingIsWritten() throws Exception {
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> AtomicFile.write(folder, text("new")))
                .withMessage(folder + ": this is a folder; give the name of a file");
        assumeTrue(isPosix(folder), "pipes and devices");
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo");
        for (Path special : new Path[] {pipe, Path.of("/dev/null")}) {
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> AtomicFile.write(special, text("new")))
                    .withMessageStartingWith(special + ": this is a device or a pipe, not a regular file");
            assertThat(special).exists();
            assertThat(Files.isRegularFile(special)).isFalse();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(pipe);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {230, 246, 247, 255})
    void aFileWithALongNameIsWrittenRepeatedly(int length) throws IOException {
        Path file = folder.resolve("n".repeat(length));
        Path sibling = folder.resolve("n".repeat(length - 1) + "m");
        for (int i = 0; i < 3; i++) {
            AtomicFile.writeKeepingPrevious(file, text("" + i));
            AtomicFile.writeKeepingPrevious(sibling, text("sibling " + i));
        }
        assertThat(file).hasContent("2");
        assertThat(AtomicFile.previous(file)).hasContent("1");
        assertThat(AtomicFile.previous(sibling)).hasContent("sibling 1");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(4);
        }
    }

    @Test
    void aNameIsCutTo180BytesIfItsSuffixMakesItLongerThan255() throws IOException {
        Path fits = folder.resolve("n".repeat(246));
        assertThat(AtomicFile.previous(fits)).isEqualTo(folder.resolve("n".repeat(246) + ".previous"));
        Path tooLong = folder.resolve("n".repeat(247));
        assertThat(AtomicFile.previous(tooLong).getFileName().toString()).matches("n{180}~[0-9a-f]{16}\\.previous");
    }

    @Test
    void theOwnerAndTheGroupOfTheOldFileAreKeptWhereTheProcessMaySetThem() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("unix"), "users by number");
        Path file = Files.writeString(folder.resolve("file"), "old");
        try {
            Files.setAttribute(file, "unix:gid", 12345);
            Files.setAttribute(file, "unix:uid", 12345);
        } catch (FileSystemException e) {
            abort("only an administrator may give a file to another user");
        }
        AtomicFile.write(file, text("new"));
        assertThat(file).hasContent("new");
        assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(12345);
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(12345);
    }

    @Test
    void aNameOfManyBytesPerCharacterIsCutBetweenCharacters() throws IOException {
        assumeTrue(System.getProperty("sun.jnu.encoding").equals("UTF-8"), "file names in UTF-8");
        Path file = folder.resolve("a" + "\ud83d\ude00".repeat(60)); // 241 bytes
        AtomicFile.writeKeepingPrevious(file, text("1"));
        AtomicFile.writeKeepingPrevious(file, text("2"));
        assertThat(AtomicFile.previous(file)).hasContent("1");
    }

    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));

    /** A live process of this number has begun after that: in a container, every process has the number 1. */
    @Test
    void whatAProcessOfTheSameNumberLeftIsRemoved() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        for (long pid : new long[] {ProcessHandle.current().pid(), 999999999}) {
            for (String name : List.of("file.", "file.previous.")) {
                Path left = Files.writeString(folder.resolve(name + pid + "-7.unfinished"), "half");
                Files.setLastModifiedTime(left, LONG_AGO);
            }
        }
        AtomicFile.write(file, text("new"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    /** Of containers on one volume, each has processes of its own, whose numbers are unknown or other ones here. */
    @Test
    void whatAProcessOfAnotherContainerIsWritingIsLeftAlone() throws IOException {
        Path file = folder.resolve("file");
        Path unknown = Files.writeString(folder.resolve("file.999999999-7.unfinished"), "half");
        Path same = Files.writeString(
                folder.resolve("file." + ProcessHandle.current().pid() + "-"
                        + Thread.currentThread().threadId() + ".unfinished"),
                "half");
        FileTime future = FileTime.from(Instant.now().plus(Duration.ofDays(1)));
        Files.setLastModifiedTime(unknown, future);
        Files.setLastModifiedTime(same, future);
        AtomicFile.write(file, out -> {
            out.write('n');
            AtomicFile.write(file, text("by another one in between"));
            out.write('n');
        });
        assertThat(file).hasContent("nn");
        assertThat(unknown).hasContent("half");
        assertThat(same).hasContent("half");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, unknown, same);
        }
    }

    @Test
    void whatALiveProcessMayBeWritingIsLeftAlone() throws IOException {
        Instant anHourAgo = Instant.now().minus(Duration.ofHours(1));
        Optional<ProcessHandle> old = ProcessHandle.allProcesses()
                .filter(process ->
                        process.info().startInstant().filter(anHourAgo::isAfter).isPresent())
                .findFirst();
        assumeTrue(old.isPresent(), "a process that began an hour ago");
        Path file = folder.resolve("file");
        Path its = Files.writeString(folder.resolve("file." + old.get().pid() + "-7.unfinished"), "half");
        Files.setLastModifiedTime(its, FileTime.from(Instant.now().minus(Duration.ofMinutes(30))));
        AtomicFile.write(file, text("new"));
        assertThat(its).hasContent("half");
    }

    @Test
    void aFileWithANumberThatNoProcessHasIsNotRemoved() throws IOException {
        Path file = folder.resolve("file");
        Path other = Files.writeString(folder.resolve("file.99999999999999999999-7.unfinished"), "a user's");
        Files.setLastModifiedTime(other, LONG_AGO);
        AtomicFile.write(file, text("new"));
        assertThat(other).hasContent("a user's");
    }

    @Test
    void unfinishedFilesOfADeadProcessAreRemovedForALongNameToo() throws IOException {
        Path file = folder.resolve("n".repeat(250));
        AtomicFile.write(file, out -> {
            try (Stream<Path> files = Files.list(folder)) { // the unfinished file is the only one
                Path unfinished = files.findFirst().orElseThrow();
                String left = unfinished.getFileName().toString().replaceFirst("\\.\\d+-\\d+\\.", ".999999999-1.");
                Files.writeString(folder.resolve(left), "of a dead process");
                Files.setLastModifiedTime(folder.resolve(left), LONG_AGO);
            }
        });
        AtomicFile.write(file, text("new"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links take a privilege there")
    void aSymbolicLinkIsFollowedEvenToAFileThatDoesNotExistYet() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real")).resolve("file");
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, Path.of("real", "file"));
        AtomicFile.writeKeepingPrevious(link, text("1"));
        AtomicFile.writeKeepingPrevious(link, text("2"));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(real).hasContent("2");
        assertThat(AtomicFile.previous(link))
                .isEqualTo(AtomicFile.previous(real))
                .hasContent("1");
        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        assertThatIOException()
                .isThrownBy(() -> AtomicFile.write(circle, text("3")))
                .withMessageContaining("in a circle");
    }

    @Test
    void aFileInsideAnArchiveIsReplaced() throws IOException {
        Path archive = folder.resolve("archive.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            AtomicFile.writeKeepingPrevious(zip.getPath("/file"), text("1"));
            AtomicFile.writeKeepingPrevious(zip.getPath("/file"), text("2"));
        }
        try (FileSystem zip = FileSystems.newFileSystem(archive)) {
            assertThat(Files.readString(zip.getPath("/file"))).isEqualTo("2");
            assertThat(Files.readString(zip.getPath("/file.previous"))).isEqualTo("1");
        }
    }

    @Test
    void aDiskErrorNamesTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> AtomicFile.write(file, out -> {
                    throw new IOException("No space left on device");
                }))
                .withMessage(file + ": No space left on device");
        assertThat(file).hasContent("old");
    }
}
