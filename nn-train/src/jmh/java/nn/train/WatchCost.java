package nn.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A program that measures what a {@link nn.train.diagnose.TrainingWatch} costs: trains a network without it, with looks
 * into one step in ten, and with looks into every step, in turns, and prints the medians of the ratios of neighbouring
 * blocks of 200 steps. It is one trainer, for two may differ by where their memory lies. A tenth of what looks into
 * every step cost is the same cost, measured with a tenth of the noise. Arguments: names of {@link WatchBenchmark}, or
 * none for all, and the seconds for each as the last.
 *
 * <pre>mvn -q -Pjmh -pl nn-train -am test-compile exec:exec@ratios -Djmh.ratios=nn.train.WatchCost -Djmh.in=train</pre>
 */
public final class WatchCost {
    private static final int EPOCHS = 2; // of a block
    private static final int WARM_UP = 3; // blocks of each
    private static final int MOST = 1 << 14; // rounds
    private static final int[] PERIODS = {0, 10, 1};

    private WatchCost() {}

    public static void main(String[] args) {
        boolean hasTime = args.length > 0 && args[args.length - 1].matches("\\d+");
        int seconds = hasTime ? Integer.parseInt(args[args.length - 1]) : 40;
        List<String> names = Arrays.asList(args).subList(0, args.length - (hasTime ? 1 : 0));
        System.out.println("training   us/step  rounds  one step in ten, % (quartiles)  a tenth of every step, %");
        for (String name : names.isEmpty() ? WatchBenchmark.NAMES : names) {
            measure(name, seconds);
        }
    }

    private static void measure(String name, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        WatchBenchmark training = new WatchBenchmark();
        training.workload = name;
        training.prepare();
        for (int i = 0; i < WARM_UP; i++) {
            for (int period : PERIODS) {
                training.train(EPOCHS, period);
            }
        }
        double[] times = new double[MOST];
        double[] tenth = new double[MOST];
        double[] every = new double[MOST];
        double[] round = new double[PERIODS.length];
        int rounds = 0;
        while (rounds < MOST && System.nanoTime() < end) {
            for (int i = 0; i < round.length; i++) {
                int which = (i + rounds) % round.length; // each is the first in turn, so that a drift cancels
                long begin = System.nanoTime();
                training.train(EPOCHS, PERIODS[which]);
                round[which] = System.nanoTime() - begin;
            }
            times[rounds] = round[0] / (EPOCHS * WatchBenchmark.STEPS) / 1000;
            tenth[rounds] = 100 * (round[1] / round[0] - 1);
            every[rounds++] = 100 * (round[2] / round[0] - 1) / 10;
        }
        for (double[] all : List.of(times, tenth, every)) {
            Arrays.sort(all, 0, rounds);
        }
        System.out.printf(
                Locale.ROOT,
                "%-8s %9.1f %7d %10.2f (%6.2f to %6.2f) %18.2f%n",
                name,
                times[rounds / 2],
                rounds,
                tenth[rounds / 2],
                tenth[rounds / 4],
                tenth[3 * rounds / 4],
                every[rounds / 2]);
    }
}
