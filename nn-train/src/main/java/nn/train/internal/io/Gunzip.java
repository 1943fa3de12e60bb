package nn.train.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import nn.train.io.DataFormatException;

/**
 * Decompresses gzip data (RFC 1952), one member or several, to the end of the file. Damaged data, and bytes after them
 * that are not gzip data, are refused with a {@link DataFormatException}; {@link java.util.zip.GZIPInputStream} ignores
 * such bytes silently.
 */
public final class Gunzip extends InputStream {
    private static final int BUFFER = 1 << 16;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xE0;

    private final InputStream packed;
    private final String name;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private int at; // in the buffer
    private int end;
    private boolean started;
    private boolean inMember;
    private long position; // in the decompressed data

    /**
     * Creates a stream of decompressed data.
     *
     * @param packed the bytes of the file; not closed
     * @param name the name of the file, for messages
     */
    public Gunzip(InputStream packed, String name) {
        this.packed = packed;
        this.name = name;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        while (len > 0) {
            if (!inMember && !begin()) {
                return -1;
            }
            int count;
            try {
                count = inflater.inflate(b, off, len);
            } catch (java.util.zip.DataFormatException e) {
                throw damaged(e.getMessage() == null ? "they cannot be decompressed" : e.getMessage());
            }
            if (count > 0) {
                checksum.update(b, off, count);
                position += count;
                return count;
            }
            if (inflater.finished()) {
                at = end - inflater.getRemaining();
                finish();
            } else if (inflater.needsDictionary()) {
                throw damaged("they need a dictionary");
            } else if (fill()) {
                inflater.setInput(buffer, at, end - at);
            } else {
                throw damaged("they end inside the compressed data");
            }
        }
        return 0;
    }

    /** Reads the header of the next member; false at the end of the file. */
    private boolean begin() throws IOException {
        if (started && at == end && !fill()) {
            return false;
        }
        if (next() != 0x1F || next() != 0x8B) {
            throw new DataFormatException(
                    name,
                    position,
                    "bytes that are not gzip data follow the gzip data, which decompress to " + position
                            + " bytes: something was appended to the file; fetch it again");
        }
        started = true;
        int method = next();
        int flags = next();
        if (method != 8 || (flags & RESERVED) != 0) {
            throw damaged("method " + method + " with flags " + flags + " is unknown");
        }
        skip(6); // time, extra flags, system
        if ((flags & EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        for (int text = NAME; text <= COMMENT; text += NAME) {
            if ((flags & text) != 0) {
                while (next() != 0) {
                    // a name or a comment, ended by 0
                }
            }
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(buffer, at, end - at);
        checksum.reset();
        inMember = true;
        return true;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    /** Reads the trailer of a member: the checksum, and the size modulo 2^32. */
    private void finish() throws IOException {
        long expected = number();
        long size = number();
        if (expected != checksum.getValue()) {
            throw damaged("their checksum does not match");
        }
        if (size != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
            throw damaged("their size does not match");
        }
        inMember = false;
    }

    private long number() throws IOException {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    private int next() throws IOException {
        if (at == end && !fill()) {
            throw damaged("they end inside a header or a checksum");
        }
        return buffer[at++] & 0xFF;
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(packed.read(buffer, 0, BUFFER), 0);
        return end > 0;
    }

    private DataFormatException damaged(String how) {
        return new DataFormatException(
                name, position, "the gzip data are damaged or cut off (" + how + "); fetch it again");
    }

    /** Frees the memory of the decompression; does not close the file. */
    @Override
    public void close() {
        inflater.end();
    }
}
