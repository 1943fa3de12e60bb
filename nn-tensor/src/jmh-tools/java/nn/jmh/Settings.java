package nn.jmh;

import java.util.ArrayList;
import java.util.List;

/**
 * How a table is measured. Arguments, in any order: {@code threads=2}, {@code forks=5}, {@code avx2}, {@code quick},
 * {@code only=square}.
 *
 * @param threads of our library and of every other one
 * @param forks how many JVMs; figures are medians over the turns of all
 * @param avx2 whether the JVM keeps to 256-bit vectors (and native libraries too)
 * @param quick one JVM and the shortest times: shows that things run, no more
 * @param only a part of the names of the rows to measure; empty for all
 */
public record Settings(int threads, int forks, boolean avx2, boolean quick, String only) {
    /**
     * Reads the arguments.
     *
     * @throws IllegalArgumentException if one is not known
     */
    public static Settings parse(List<String> args) {
        int threads = 1;
        int forks = 3;
        boolean avx2 = false;
        boolean quick = false;
        String only = "";
        for (String arg : args) {
            if (arg.startsWith("threads=")) {
                threads = number(arg);
            } else if (arg.startsWith("forks=")) {
                forks = number(arg);
            } else if (arg.equals("avx2")) {
                avx2 = true;
            } else if (arg.equals("quick")) {
                quick = true;
                forks = 1;
            } else if (arg.startsWith("only=")) {
                only = arg.substring(arg.indexOf('=') + 1);
            } else {
                throw new IllegalArgumentException(
                        "argument '" + arg + "' is none of threads=<n>, forks=<n>, avx2, quick, only=<part of a name>");
            }
        }
        return new Settings(threads, forks, avx2, quick, only);
    }

    private static int number(String arg) {
        int value = Integer.parseInt(arg.substring(arg.indexOf('=') + 1));
        if (value < 1) {
            throw new IllegalArgumentException("argument '" + arg + "': at least 1");
        }
        return value;
    }

    /** The same on one thread. */
    public Settings onOneThread() {
        return new Settings(1, forks, avx2, quick, only);
    }

    /** The names of the rows to measure. */
    public List<String> select(List<String> names) {
        return names.stream().filter(name -> name.contains(only)).toList();
    }

    /** Flags of a measured JVM, in addition to those of this one. */
    public List<String> jvmArgs() {
        List<String> args = new ArrayList<>(List.of("-Dnn.threads=" + threads));
        if (avx2) {
            args.add("-XX:UseAVX=2");
        }
        return args;
    }

    @Override
    public String toString() {
        return threads
                + (threads == 1 ? " thread" : " threads")
                + (avx2 ? ", -XX:UseAVX=2" : "")
                + (quick ? ", quick: these figures mean nothing" : ", medians over the turns of " + forks + " JVMs");
    }
}
