package nn.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import nn.examples.report.Paragraph;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;

/**
 * Learns to write, character by character, from the Apache License 2.0 that every jar contains: some 10,000 characters
 * of English. The network, one of several {@linkplain CharacterNet kinds}, trains on the first nine tenths. It is
 * measured on the rest, in bits per character, and compared with tables of the characters that follow one or two
 * others. It writes as it learns: an LSTM carries its state from character to character, a transformer the keys and
 * values of the characters before.
 */
final class Characters extends Example {
    private static final int STRIDE = 8;
    private static final int WARM_UP = 64;
    private static final int SAMPLE = 60; // characters to write while it learns
    private static final double LOG_2 = StrictMath.log(2);

    Characters() {
        super(
                "characters",
                "learns to write from this program's licence",
                new Option("--net", "NAME", "lstm", CharacterNet.names()),
                new Option("--epochs", "N", "16", "passes over the first nine tenths"),
                new Option("--write", "N", "300", "characters to write at the end"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        CharacterNet net = CharacterNet.named(arguments.text("--net"));
        int epochs = arguments.number("--epochs", 1, 1_000_000);
        int length = arguments.number("--write", 0, 1_000_000);
        terminal.announce(epochs * net.secondsPerEpoch());
        String text = licence();
        int[] alphabet = text.chars().distinct().sorted().toArray();
        float[] codes = new float[text.length()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Arrays.binarySearch(alphabet, text.charAt(i));
        }
        int known = codes.length * 9 / 10;

        Network network = net.create(alphabet.length, key.child("network"));
        terminal.line("%s", network.summary());
        terminal.line(
                "%d characters to learn from, %d held out, %d different ones",
                known, codes.length - known, alphabet.length);
        Batches batches = Batches.shuffled(windows(codes, known, net.window()), net.batch(), key.child("batches"));
        Trainer trainer = new Trainer(
                network,
                new SoftmaxCrossEntropy(),
                net.optimizer(),
                key.child("trainer"),
                net.options(epochs * (long) batches.perEpoch()));
        TrainingObserver report = new TrainingObserver() {
            @Override
            public void onStep(StepReport step) {
                if (step.step() == 1) {
                    terminal.line(
                            "first loss %.4f, that of equal chances %.4f",
                            step.loss(), StrictMath.log(alphabet.length));
                }
            }

            @Override
            public void onEpoch(EpochReport epoch) {
                if (epoch.epoch() % 4 == 0 || epoch.epoch() == epochs) {
                    terminal.line(
                            "epoch %3d   learned %.2f bits   held out %.2f bits",
                            epoch.epoch(), epoch.loss() / LOG_2, bits(net, network, codes, known));
                    terminal.line("    " + write(net, network, alphabet, SAMPLE, key.child("write")));
                }
            }
        };
        long start = System.nanoTime();
        trainer.fit(batches, epochs, terminal.observers(report));
        double seconds = (System.nanoTime() - start) * 1e-9;

        double own = bits(net, network, codes, known);
        double two = tableBits(codes, known, alphabet.length, 2);
        terminal.line("");
        terminal.line("bits per held-out character");
        terminal.line("  all alike               %.2f", StrictMath.log(alphabet.length) / LOG_2);
        terminal.line("  by its frequency        %.2f", tableBits(codes, known, alphabet.length, 0));
        terminal.line("  after one character     %.2f", tableBits(codes, known, alphabet.length, 1));
        terminal.line("  after two characters    %.2f", two);
        terminal.line("  %-23s %.2f   (%.1f s)", net.text(), own, seconds);
        if (length > 0) {
            terminal.line("");
            terminal.print(Paragraph.of("", write(net, network, alphabet, length, key.child("write"))));
        }
        if (epochs >= 16 && own >= two) {
            terminal.line("The network should predict better than a table of three characters, but does not.");
            return 1;
        }
        return 0;
    }

    /** Pieces of the text as x, and the same pieces one character later as y, both [n x window]. */
    private static Dataset windows(float[] codes, int known, int window) {
        int n = (known - 1 - window) / STRIDE + 1;
        Tensor all = Tensor.wrap(codes, 0, Shape.of(codes.length));
        Tensor x = Tensor.zeros(n, window);
        Tensor y = Tensor.zeros(n, window);
        for (int i = 0; i < n; i++) {
            x.row(i).copyFrom(all.rows(i * STRIDE, i * STRIDE + window));
            y.row(i).copyFrom(all.rows(i * STRIDE + 1, i * STRIDE + 1 + window));
        }
        return new Dataset(x, y);
    }

    /**
     * Bits per character of the held-out text. It is read in pieces, as long as the network can read; each begins with
     * characters that are known already and not counted.
     */
    private static double bits(CharacterNet net, Network network, float[] codes, int known) {
        int before = Math.min(WARM_UP, net.reach() / 2);
        int most = net.reach() - before;
        double sum = 0;
        for (int from = known; from < codes.length; ) {
            int counted = Math.min(most, codes.length - from);
            int first = from - before;
            Tensor x = Tensor.wrap(codes, first - 1, Shape.of(1, before + counted));
            Tensor logits = network.predict(x).row(0);
            for (int i = before; i < before + counted; i++) {
                float[] row = logits.row(i).toArray();
                double total = 0;
                for (float logit : row) {
                    total += StrictMath.exp(logit - row[0]);
                }
                sum += StrictMath.log(total) + row[0] - row[(int) codes[first + i]];
            }
            from += counted;
        }
        return sum / (codes.length - known) / LOG_2;
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
            sum -= StrictMath.log(probability);
        }
        return sum / (codes.length - known) / LOG_2;
    }

    /**
     * Draws one character after the other, each from the network's distribution after the previous ones. The network
     * reads each of them once, and carries what it needs of the text before. When that is as long as it can read, it
     * begins again with the last half.
     */
    private static String write(CharacterNet net, Network network, int[] alphabet, int length, Key key) {
        StringBuilder text = new StringBuilder(" ");
        Carry carry = new Carry();
        int carried = 0; // characters
        int next = 0; // the first character that was not read
        for (int i = 0; i < length; i++) {
            if (carried == net.reach()) {
                carry.reset();
                carried = 0;
                next = text.length() - net.reach() / 2;
            }
            Tensor x = Tensor.zeros(1, text.length() - next);
            for (int j = 0; j < x.size(); j++) {
                x.set(Arrays.binarySearch(alphabet, text.charAt(next + j)), 0, j);
            }
            Tensor logits = network.forward(x, carry.over(Context.inference())).output();
            carry.advance();
            carried += x.dim(1);
            next = text.length();
            text.append((char) alphabet[drawn(logits.row(0).row(x.dim(1) - 1), key.word(i))]);
        }
        return text.substring(1);
    }

    /** Returns the index that a random word draws from the distribution of logits. */
    private static int drawn(Tensor logits, int word) {
        float[] weights = logits.exp().toArray(); // logits are small: no need to subtract the largest
        double total = 0;
        for (float weight : weights) {
            total += weight;
        }
        double rest = (word >>> 8) * 0x1p-24 * total;
        int drawn = 0;
        while (drawn < weights.length - 1 && rest >= weights[drawn]) {
            rest -= weights[drawn++];
        }
        return drawn;
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
