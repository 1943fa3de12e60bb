package nn.train.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.io.BinaryReader;

/** The rows of two arrays in files, row by row. */
final class NpyExamples implements ExampleSource {
    private static final int BUFFER = 1 << 16; // bytes

    private final Array x;
    private final Array y;

    NpyExamples(Path x, Path y) throws IOException {
        this.x = Array.of(x);
        this.y = Array.of(y);
        if (this.x.rows() != this.y.rows()) {
            throw new ShapeException(
                    "x in " + x + " is " + this.x.header().shape() + ", y in " + y + " is "
                            + this.y.header().shape() + "; both need one row for each example",
                    "[" + this.x.rows() + " x ...]",
                    this.y.header().shape());
        }
    }

    /** A file with an array in row-major order. */
    private record Array(Path file, long bytes, Npy.Header header) {
        static Array of(Path file) throws IOException {
            try (InputStream in = BinaryReader.open(file)) {
                BinaryReader source = new BinaryReader(in, file.toString());
                Npy.Header header = Npy.header(source, "");
                if (header.shape().rank() == 0) {
                    throw source.problem("an array without axes has no rows");
                }
                if (header.fortran()) {
                    throw source.problem("the array is in Fortran order, so its rows are spread over the file; save"
                            + " numpy.ascontiguousarray(a)");
                }
                long end = source.position()
                        + (long) header.shape().size() * header.type().bytes();
                if (Files.size(file) != end) {
                    throw source.problem("the file has " + Files.size(file) + " bytes, but an array of shape "
                            + header.shape() + " ends at byte " + end + ": it was cut off, or is another kind of file");
                }
                return new Array(file, end, header);
            }
        }

        int rows() {
            return header.shape().dim(0);
        }

        Shape row() {
            return header.shape().withoutFirst();
        }

        Rows open(long first) throws IOException {
            InputStream in = new BufferedInputStream(BinaryReader.open(file), BUFFER);
            boolean opened = false;
            try {
                BinaryReader source = new BinaryReader(in, file.toString());
                if (!Npy.header(source, "").equals(header)) {
                    throw source.problem(
                            "the array is not the " + header.shape() + " that it was: the file was changed");
                }
                BinaryReader.Elements elements =
                        source.parts(header.type(), header.order(), header.shape(), BinaryReader.Rounding.REFUSED);
                elements.skip(first * row().size());
                opened = true;
                return new Rows(in, elements);
            } finally {
                if (!opened) {
                    in.close();
                }
            }
        }

        @Override
        public String toString() {
            return file.getFileName() + " of " + bytes + " bytes";
        }
    }

    /** An open file, before a row. */
    private record Rows(InputStream in, BinaryReader.Elements elements) {
        void next(Tensor to) throws IOException {
            elements.next(to.array(), to.offset(), to.size());
        }
    }

    @Override
    public Shape x() {
        return x.row();
    }

    @Override
    public Shape y() {
        return y.row();
    }

    @Override
    public long size() {
        return x.rows();
    }

    @Override
    public String fingerprint() {
        return x + " and " + y;
    }

    @Override
    public Reader open(long first) throws IOException {
        Rows inputs = x.open(first);
        boolean opened = false;
        try {
            Rows targets = y.open(first);
            opened = true;
            return new Reader() {
                @Override
                public void next(Tensor toX, Tensor toY) throws IOException {
                    inputs.next(toX);
                    targets.next(toY);
                }

                @Override
                public void close() throws IOException {
                    try {
                        inputs.in().close();
                    } finally {
                        targets.in().close();
                    }
                }
            };
        } finally {
            if (!opened) {
                inputs.in().close();
            }
        }
    }
}
