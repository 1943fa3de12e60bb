package nn.train.internal.io;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * The type of a number in a file, and its conversion to a float: the nearest one, halves to even. That is exact for
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

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = from.get() & 0xFF;
            }
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

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = from.getInt();
            }
        }
    },
    /** Unsigned, 64 bits. */
    U64(8) {
        @Override
        public float next(ByteBuffer from) {
            long bits = from.getLong();
            // Half of it, which fits into a long; the last bit is kept, because rounding depends on it.
            return bits >= 0 ? bits : (float) (bits >>> 1 | bits & 1) * 2;
        }
    },
    /** Signed, 64 bits. */
    I64(8) {
        @Override
        public float next(ByteBuffer from) {
            return from.getLong();
        }

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = from.getLong();
            }
        }
    },
    /** IEEE 754 binary16. */
    F16(2) {
        @Override
        public float next(ByteBuffer from) {
            return Float.float16ToFloat(from.getShort());
        }

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = Float.float16ToFloat(from.getShort());
            }
        }
    },
    /** The upper half of a float. */
    BF16(2) {
        @Override
        public float next(ByteBuffer from) {
            return Float.intBitsToFloat(from.getShort() << 16);
        }

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = Float.intBitsToFloat(from.getShort() << 16);
            }
        }
    },
    /** IEEE 754 binary32: the bits as they are. */
    F32(4) {
        @Override
        public float next(ByteBuffer from) {
            return Float.intBitsToFloat(from.getInt());
        }

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            from.asFloatBuffer().get(to, at, count); // copies bits, also those of NaN
            from.position(from.position() + count * Float.BYTES);
        }
    },
    /** IEEE 754 binary64. */
    F64(8) {
        @Override
        public float next(ByteBuffer from) {
            return (float) from.getDouble();
        }

        @Override
        public void next(ByteBuffer from, int count, float[] to, int at) {
            for (int i = 0; i < count; i++) {
                to[at + i] = (float) from.getDouble();
            }
        }
    };

    private static final float LARGEST_WHOLE = 0x1p24f; // also what 2^24 + 1 is rounded to
    private static final int DIGITS = 24; // binary digits of a float
    private static final int LARGEST_EXPONENT = 128;

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the size of an element.
     *
     * @return 1, 2, 4 or 8 bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Returns whether some elements are rounded in a way that changes their meaning: whole numbers that float32 does
     * not hold, and doubles beyond its range.
     *
     * @return true for {@link #I32}, {@link #U32}, {@link #I64}, {@link #U64} and {@link #F64}
     */
    public boolean rounds() {
        return switch (this) {
            case U32, I32, U64, I64, F64 -> true;
            default -> false;
        };
    }

    /**
     * Returns whether a float is exact, whatever the type: of the floats below 2^24, every whole number is.
     *
     * @param value the float that {@link #next} returned
     * @return false if only {@link #problem} can tell
     */
    public static boolean isCertain(float value) {
        return Math.abs(value) < LARGEST_WHOLE;
    }

    /**
     * Compares an element of a type that {@link #rounds} with the float that it became.
     *
     * @param from the bytes
     * @param at the index of the element in them
     * @param value the float that {@link #next} returned
     * @return what is wrong, such as {@code 16777217, which float32 does not hold ...}; empty if nothing is
     */
    public String problem(ByteBuffer from, int at, float value) {
        if (isCertain(value)) {
            return "";
        }
        if (this == F64) {
            double number = from.getDouble(at);
            return Float.isInfinite(value) && !Double.isInfinite(number)
                    ? number + ", which is beyond the range of float32, 3.4e38"
                    : "";
        }
        BigInteger number = switch (this) {
            case U32 -> BigInteger.valueOf(from.getInt(at) & 0xFFFFFFFFL);
            case I32 -> BigInteger.valueOf(from.getInt(at));
            case U64 -> new BigInteger(Long.toUnsignedString(from.getLong(at)));
            default -> BigInteger.valueOf(from.getLong(at));
        };
        return isFloat(number)
                ? ""
                : notFloat(number.toString()) + "; to have it rounded, save 64-bit floats, as by astype(numpy.float64)";
    }

    /**
     * Returns whether a float holds a whole number.
     *
     * @param number any whole number
     * @return whether its nearest float is the number itself
     */
    public static boolean isFloat(BigInteger number) {
        return number.abs().bitLength() <= LARGEST_EXPONENT
                && (number.signum() == 0 || number.abs().bitLength() - number.getLowestSetBit() <= DIGITS);
    }

    /**
     * Returns a message that float32 does not hold a whole number.
     *
     * @param number its digits
     * @return the message, which continues a text that ends in {@code is}
     */
    public static String notFloat(String number) {
        return number + ", which float32 does not hold: of whole numbers beyond 16777216 (2^24) it has only some, and"
                + " two labels could become one";
    }

    /**
     * Reads the next element.
     *
     * @param from the bytes, in the buffer's byte order
     * @return the nearest float
     */
    public abstract float next(ByteBuffer from);

    /**
     * Reads the next elements. The usual types have a loop of their own, which is compiled for that type alone.
     *
     * @param from the bytes, in the buffer's byte order
     * @param count the number of elements
     * @param to receives the nearest floats
     * @param at the index of the first of them
     */
    public void next(ByteBuffer from, int count, float[] to, int at) {
        for (int i = 0; i < count; i++) {
            to[at + i] = next(from);
        }
    }
}
