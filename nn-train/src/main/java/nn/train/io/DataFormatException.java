package nn.train.io;

import java.io.IOException;

/**
 * A file was read, but it is not what it should be: the one exception for malformed data. It is an {@link IOException},
 * because whoever reads a file must be ready for those anyway; a missing file or a failing disk gives another one.
 */
public final class DataFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The file. */
    private final String source;

    /** Where in it. */
    private final long position;

    /**
     * Describes a malformed file.
     *
     * @param source the file's name
     * @param position a byte offset from its start
     * @param problem what is wrong there, and what to do about it
     */
    public DataFormatException(String source, long position, String problem) {
        this(source, "at byte " + position, position, problem);
    }

    /**
     * Describes a malformed file where bytes are not what a reader counts.
     *
     * @param source the file's name
     * @param place where in it, such as {@code line 3}
     * @param position a byte offset from its start, or -1 if it is not known
     * @param problem what is wrong there, and what to do about it
     */
    public DataFormatException(String source, String place, long position, String problem) {
        super(source + ": " + place + ": " + problem);
        this.source = source;
        this.position = position;
    }

    /**
     * The file.
     *
     * @return its name as given to the reader
     */
    public String source() {
        return source;
    }

    /**
     * Where reading stopped.
     *
     * @return a byte offset from the start; of a file compressed by gzip, in what it decompresses to; -1 if only the
     *     line is known, which the message names
     */
    public long position() {
        return position;
    }
}
