package nn.train.io;

import java.io.IOException;

/**
 * Thrown by all readers when a file is malformed. It is an {@link IOException}, because code that reads files must
 * handle those anyway; a missing file or a failing disk gives another one.
 */
public final class DataFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The name of the file. */
    private final String source;

    /** The offset in it. */
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
     * Describes a malformed file by another place than a byte offset.
     *
     * @param source the file's name
     * @param place the place in it, such as {@code line 3}
     * @param position a byte offset from its start, or -1 if it is not known
     * @param problem what is wrong there, and what to do about it
     */
    public DataFormatException(String source, String place, long position, String problem) {
        super(source + ": " + place + ": " + problem);
        this.source = source;
        this.position = position;
    }

    /**
     * Returns the file.
     *
     * @return its name as given to the reader
     */
    public String source() {
        return source;
    }

    /**
     * Returns where reading stopped.
     *
     * @return a byte offset from the start, counted after decompression for a gzip file; -1 if only the line is known,
     *     which the message names
     */
    public long position() {
        return position;
    }
}
