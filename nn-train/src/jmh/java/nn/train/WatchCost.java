package nn.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A program that measures what a {@link nn.train.diagnose.TrainingWatch} costs that looks into one step in ten: trains
 * the same network with it and without, in turns, and prints the median of the ratios of neighbouring blocks of 200
 * steps. Arguments: names of {@link WatchBenchmark}, or none for all, and the seconds for each as the last.
 *
 * <pre>mvn -q -Pjmh -pl nn-train -am test-compile exec:exec@ratios -Djmh.ratios=nn.train.WatchCost -Djmh.in=train</pre>
 */
public final class WatchCost {
    private static final int EPOCHS = 2; // of a block
    private static final int WARM_UP = 3; // blocks of each

    private WatchCost() {}

    public static void main(String[] args) {
        boolean hasTime = args.length > 0 && args[args.length - 1].matches("\\d+");
        int seconds = hasTime ? Integer.parseInt(args[args.length - 1]) : 40;
        List<String> names = Arrays.asList(args).subList(0, args.length - (hasTime ? 1 : 0));
        System.out.println("training   us/step  cost of the watch, %  pairs  quartiles of the pairs, %");
        for (String name : names.isEmpty() ? WatchBenchmark.NAMES : names) {
            measure(name, seconds);
        }
    }

    private static WatchBenchmark training(String name, boolean watched) {
        WatchBenchmark training = new WatchBenchmark();
        training.workload = name;
        training.watched = watched;
        training.prepare();
        return training;
    }

    private static void measure(String name, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        WatchBenchmark plain = training(name, false);
        WatchBenchmark watched = training(name, true);
        for (int i = 0; i < WARM_UP; i++) {
            plain.train(EPOCHS);
            watched.train(EPOCHS);
        }
        double[] ratios = new double[1 << 14];
        double[] times = new double[1 << 14];
        int pairs = 0;
        while (pairs < ratios.length && System.nanoTime() < end) {
            boolean plainFirst = pairs % 2 == 0; // so that a drift of the machine cancels
            double first = time(plainFirst ? plain : watched);
            double second = time(plainFirst ? watched : plain);
            times[pairs] = plainFirst ? first : second;
            ratios[pairs++] = plainFirst ? second / first : first / second;
        }
        Arrays.sort(ratios, 0, pairs);
        Arrays.sort(times, 0, pairs);
        System.out.printf(
                Locale.ROOT,
                "%-8s %9.1f %21.2f %6d %12.2f to %.2f%n",
                name,
                times[pairs / 2] / (EPOCHS * WatchBenchmark.STEPS) / 1000,
                100 * (ratios[pairs / 2] - 1),
                pairs,
                100 * (ratios[pairs / 4] - 1),
                100 * (ratios[3 * pairs / 4] - 1));
    }

    private static double time(WatchBenchmark training) {
        long begin = System.nanoTime();
        training.train(EPOCHS);
        return System.nanoTime() - begin;
    }
}
