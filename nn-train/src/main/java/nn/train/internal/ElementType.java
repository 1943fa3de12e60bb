package nn.train.internal;

import java.nio.ByteBuffer;

/**
 * What a number is stored as in a file, and how it becomes a float: the nearest one, halves to even. That is exact for
 * {@link #F32}, {@link #F16}, {@link #BF16}, {@link #BOOL} and whole numbers up to 2^24; a double beyond the range of
 * floats becomes infinite.
 */
public enum ElementType {
    /** One byte: 0 is 0, anything else 1. */
    BOOL(1) {
        @Override
        public float next(ByteBuffer from) {
            return from.get() == 0 ? 0 : 1;
        }
    },
    /** Unsigned, 8 bits. */
    U8(1) {
        @Override
        public float next(ByteBuffer from) {
            return from.get() & 0xFF;
        }
    },
    /** Signed, 8 bits. */
    I8(1) {
        @Override
        public float next(ByteBuffer from) {
            return from.get();
        }
    },
    /** Unsigned, 16 bits. */
    U16(2) {
        @Override
        public float next(ByteBuffer from) {
            return from.getChar();
        }
    },
    /** Signed, 16 bits. */
    I16(2) {
        @Override
        public float next(ByteBuffer from) {
            return from.getShort();
        }
    },
    /** Unsigned, 32 bits. */
    U32(4) {
        @Override
        public float next(ByteBuffer from) {
            return from.getInt() & 0xFFFFFFFFL;
        }
    },
    /** Signed, 32 bits. */
    I32(4) {
        @Override
        public float next(ByteBuffer from) {
            return from.getInt();
        }
    },
    /** Unsigned, 64 bits. */
    U64(8) {
        @Override
        public float next(ByteBuffer from) {
            long bits = from.getLong();
            // Half of it, its last bit kept so that rounding still knows on which side of a half it lies.
            return bits >= 0 ? bits : (float) (bits >>> 1 | bits & 1) * 2;
        }
    },
    /** Signed, 64 bits. */
    I64(8) {
        @Override
        public float next(ByteBuffer from) {
            return from.getLong();
        }
    },
    /** IEEE 754 binary16. */
    F16(2) {
        @Override
        public float next(ByteBuffer from) {
            return Float.float16ToFloat(from.getShort());
        }
    },
    /** The upper half of a float. */
    BF16(2) {
        @Override
        public float next(ByteBuffer from) {
            return Float.intBitsToFloat(from.getShort() << 16);
        }
    },
    /** IEEE 754 binary32: the bits as they are. */
    F32(4) {
        @Override
        public float next(ByteBuffer from) {
            return Float.intBitsToFloat(from.getInt());
        }
    },
    /** IEEE 754 binary64. */
    F64(8) {
        @Override
        public float next(ByteBuffer from) {
            return (float) from.getDouble();
        }
    };

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * The size of an element.
     *
     * @return 1, 2, 4 or 8 bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Takes one element.
     *
     * @param from holds it, in its own byte order
     * @return the nearest float
     */
    public abstract float next(ByteBuffer from);
}
