package nn.train.internal.io;

/** The encodings of a field in a Protocol Buffers message. The two of groups, which are deprecated, are not read. */
public enum WireType {
    /** A whole number in one to ten bytes, seven bits in each, the lowest first. */
    VARINT(0),
    /** Eight bytes, little-endian. */
    FIXED64(1),
    /** A length as a varint, and as many bytes: text, bytes, a message or packed numbers. */
    LENGTH_DELIMITED(2),
    /** Four bytes, little-endian. */
    FIXED32(5);

    private final int code;

    WireType(int code) {
        this.code = code;
    }

    /**
     * Returns the number of this encoding in a tag.
     *
     * @return 0, 1, 2 or 5
     */
    int code() {
        return code;
    }
}
