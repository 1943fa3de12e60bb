package nn.train.internal.io;

import java.nio.ByteBuffer;

/** Guesses the kind of a file that does not have the expected format. */
public final class FileKind {
    private FileKind() {}

    /**
     * Returns a description of the likely kind of a file, to be appended to an error message.
     *
     * @param start its first four bytes or more; fewer if it has no more
     * @return such as {@code ; this looks like a zip archive}; empty if it looks like nothing known
     */
    public static String resemblance(byte[] start) {
        String kind = start.length < 4 ? "" : kind(start);
        return kind.isEmpty() ? "" : "; this looks like " + kind;
    }

    private static String kind(byte[] start) {
        int magic = ByteBuffer.wrap(start).getInt();
        if (magic >>> 16 == 0x1F8B) {
            return "gzip data: decompress it first";
        }
        if (start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5) {
            return "a Python pickle, which is a program rather than data and is never run here";
        }
        if (magic >>> 16 == 0xFFFE || magic >>> 16 == 0xFEFF) {
            return "UTF-16 text: save it as UTF-8";
        }
        return switch (magic) {
            case 0x504B0304, 0x504B0506 -> "a zip archive, such as .npz, .xlsx or PyTorch's .pt";
            case 0x89484446 -> "an HDF5 file, such as Keras writes";
            case 0xACED0005 -> "a serialized Java object, which is never read here";
            case 0x934E554D -> "a NumPy array (.npy)";
            case 0x89504E47 -> "a PNG image";
            case 0xFFD8FFE0, 0xFFD8FFE1 -> "a JPEG image";
            case 0x25504446 -> "a PDF document";
            case 0x47475546 -> "a GGUF model";
            case 0x3C21444F, 0x3C21646F, 0x3C68746D, 0x3C48544D ->
                "a web page: was it downloaded from the wrong address?";
            default -> isText(start) ? "text" : "";
        };
    }

    /**
     * Returns whether a file may be text in ASCII, such as one that begins with the four letters of a binary format.
     *
     * @param start its first four bytes or more; fewer if it has no more
     * @return whether the first four are letters, digits, signs, spaces, tabs or line ends
     */
    public static boolean isText(byte[] start) {
        for (int i = 0; i < Math.min(4, start.length); i++) {
            if ((start[i] < ' ' || start[i] == 127) && "\n\r\t".indexOf(start[i]) < 0) { // beyond ASCII: negative
                return false;
            }
        }
        return true;
    }
}
