package nn.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import nn.examples.report.Paragraph;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.recurrent.Lstm;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.AdamW;

/**
 * Learns to write, character by character, from the Apache License 2.0 that every jar contains: some 10,000 characters
 * of English. The network trains on the first nine tenths and is measured on the rest, in bits per character, and
 * compared with tables of the characters that follow one or two others.
 */
final class Characters extends Example {
    private static final double SECONDS_PER_EPOCH = 0.8; // on two cores
    private static final int WINDOW = 32;
    private static final int STRIDE = 8;
    private static final int WARM_UP = 64;
    private static final double LOG_2 = StrictMath.log(2);

    Characters() {
        super(
                "characters",
                "learns to write from this program's licence with an LSTM",
                new Option("--epochs", "N", "16", "passes over the first nine tenths"),
                new Option("--write", "N", "300", "characters to write at the end"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        int epochs = arguments.number("--epochs", 1, 1_000_000);
        int length = arguments.number("--write", 0, 1_000_000);
        terminal.announce(epochs * SECONDS_PER_EPOCH);
        String text = licence();
        int[] alphabet = text.chars().distinct().sorted().toArray();
        float[] codes = new float[text.length()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Arrays.binarySearch(alphabet, text.charAt(i));
        }
        int known = codes.length * 9 / 10;

        Network network = Network.builder(key.child("network"))
                .input(Shape.of(Shape.ANY, Shape.ANY))
                .layer("embedding", Embedding.of(alphabet.length, 24))
                .layer("time", new TimeMajor())
                .layer("lstm", Lstm.units(64))
                .dropout("dropout", 0.3)
                .layer("batch", new TimeMajor())
                .dense("out", alphabet.length)
                .build();
        terminal.line("%s", network.summary());
        terminal.line(
                "%d characters to learn from, %d held out, %d different ones",
                known, codes.length - known, alphabet.length);
        Trainer trainer = new Trainer(
                network, new SoftmaxCrossEntropy(), AdamW.of(0.005).withWeightDecay(0.1), key.child("trainer"));
        TrainingObserver report = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport epoch) {
                if (epoch.epoch() % 8 == 0 || epoch.epoch() == epochs) {
                    terminal.line(
                            "epoch %3d   learned %.2f bits   held out %.2f bits",
                            epoch.epoch(), epoch.loss() / LOG_2, bits(network, codes, known));
                }
            }
        };
        long start = System.nanoTime();
        Batches batches = Batches.shuffled(windows(codes, known), 32, key.child("batches"));
        trainer.fit(batches, epochs, terminal.observers(report));
        double seconds = (System.nanoTime() - start) * 1e-9;

        double own = bits(network, codes, known);
        double two = tableBits(codes, known, alphabet.length, 2);
        terminal.line("");
        terminal.line("bits per held-out character");
        terminal.line("  all alike               %.2f", Math.log(alphabet.length) / LOG_2);
        terminal.line("  by its frequency        %.2f", tableBits(codes, known, alphabet.length, 0));
        terminal.line("  after one character     %.2f", tableBits(codes, known, alphabet.length, 1));
        terminal.line("  after two characters    %.2f", two);
        terminal.line("  LSTM                    %.2f   (%.1f s)", own, seconds);
        if (length > 0) {
            terminal.line("");
            terminal.print(Paragraph.of("", write(network, alphabet, length, key.child("write"))));
        }
        if (epochs >= 16 && own >= two) {
            terminal.line("The network should predict better than a table of three characters, but does not.");
            return 1;
        }
        return 0;
    }

    /** Pieces of the text as x, and the same pieces one character later as y, both [n x 32]. */
    private static Dataset windows(float[] codes, int known) {
        int n = (known - 1 - WINDOW) / STRIDE + 1;
        Tensor all = Tensor.wrap(codes, 0, Shape.of(codes.length));
        Tensor x = Tensor.zeros(n, WINDOW);
        Tensor y = Tensor.zeros(n, WINDOW);
        for (int i = 0; i < n; i++) {
            x.row(i).copyFrom(all.rows(i * STRIDE, i * STRIDE + WINDOW));
            y.row(i).copyFrom(all.rows(i * STRIDE + 1, i * STRIDE + 1 + WINDOW));
        }
        return new Dataset(x, y);
    }

    /** Bits per character of the held-out text, read in one sequence after a short piece of the known text. */
    private static double bits(Network network, float[] codes, int known) {
        int from = known - 1 - WARM_UP;
        int n = codes.length - 1 - from;
        Tensor logits =
                network.predict(Tensor.wrap(codes, from, Shape.of(1, n))).row(0);
        double sum = 0;
        for (int i = WARM_UP; i < n; i++) {
            float[] row = logits.row(i).toArray();
            double total = 0;
            for (float logit : row) {
                total += Math.exp(logit - row[0]);
            }
            sum += Math.log(total) + row[0] - row[(int) codes[from + 1 + i]];
        }
        return sum / (n - WARM_UP) / LOG_2;
    }

    /**
     * Bits per character of the held-out text by a table, counted in the known text, of the characters that follow the
     * last {@code order} ones. Rare contexts are smoothed by the table of one character less, and the last of those by
     * the uniform distribution.
     */
    private static double tableBits(float[] codes, int known, int alphabet, int order) {
        double sum = 0;
        for (int i = known; i < codes.length; i++) {
            double probability = 1.0 / alphabet;
            for (int o = 0; o <= order; o++) {
                int seen = 0;
                int hits = 0;
                for (int j = o; j < known; j++) {
                    if (Arrays.equals(codes, j - o, j, codes, i - o, i)) {
                        seen++;
                        hits += codes[j] == codes[i] ? 1 : 0;
                    }
                }
                probability = (hits + 5 * probability) / (seen + 5);
            }
            sum -= Math.log(probability);
        }
        return sum / (codes.length - known) / LOG_2;
    }

    /** Draws one character after the other, each from the network's distribution after the previous ones. */
    private static String write(Network network, int[] alphabet, int length, Key key) {
        StringBuilder text = new StringBuilder();
        Carry carry = new Carry();
        float last = Arrays.binarySearch(alphabet, ' ');
        for (int i = 0; i < length; i++) {
            Tensor x = Tensor.full(last, 1, 1);
            Tensor logits = network.forward(x, carry.over(Context.inference())).output();
            carry.advance();
            float[] row = logits.exp().toArray(); // logits are small: no need to subtract the largest
            double total = 0;
            for (float weight : row) {
                total += weight;
            }
            double rest = (key.word(i) >>> 8) * 0x1p-24 * total;
            int drawn = 0;
            while (drawn < row.length - 1 && rest >= row[drawn]) {
                rest -= row[drawn++];
            }
            text.append((char) alphabet[drawn]);
            last = drawn;
        }
        return text.toString();
    }

    /** Returns the licence, with one space for each run of spaces and line breaks. */
    private static String licence() throws IOException {
        String name = "META-INF/LICENSE";
        try (InputStream in = Characters.class.getModule().getResourceAsStream(name)) {
            byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
            return new String(bytes, StandardCharsets.US_ASCII)
                    .replaceAll("\\s+", " ")
                    .strip();
        }
    }
}
