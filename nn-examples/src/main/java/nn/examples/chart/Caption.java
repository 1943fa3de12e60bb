package nn.examples.chart;

import java.util.Arrays;
import java.util.stream.Collectors;
import nn.examples.numeric.Decimals;
import nn.examples.numeric.Statistics;

/** Numbers as text for the captions of drawings. */
public final class Caption {
    private Caption() {}

    /**
     * Formats a number to two or three digits, or exactly if it has few digits.
     *
     * @param x any number
     * @return such as {@code 0.56}, {@code 29}, {@code 1700} or {@code 4.1e-07}
     */
    public static String number(double x) {
        // a setting such as 0.01 or 0.358 is written as it was chosen
        String exact = Double.toString(x);
        if (exact.length() <= (Math.abs(x) < 1 ? 5 : 4) && exact.indexOf('E') < 0 && x != 0) {
            return exact.endsWith(".0") ? exact.substring(0, exact.length() - 2) : exact;
        }
        if (!(Math.abs(x) >= 1000) || Math.abs(x) >= 1e5) {
            return Decimals.text(x, Math.abs(x) >= 1 && Math.abs(x) < 10 ? 3 : 2);
        }
        return Decimals.text(x, 1);
    }

    /**
     * Formats the mean of repetitions.
     *
     * @param sample one number for each
     * @return as {@link #number}
     */
    public static String mean(double... sample) {
        return number(Statistics.mean(sample));
    }

    /**
     * Formats the mean share of repetitions.
     *
     * @param sample one share for each
     * @return as {@link #percent}
     */
    public static String meanPercent(double... sample) {
        return percent(Statistics.mean(sample));
    }

    /**
     * Formats a share.
     *
     * @param share from 0 to 1
     * @return such as {@code 56 %} or {@code 0.5 %}
     */
    public static String percent(double share) {
        double percent = 100 * share;
        return percent < 1
                ? Decimals.text(Math.rint(10 * percent) / 10, 1) + " %"
                : Decimals.text(percent > 99 ? Math.rint(10 * percent) / 10 : Math.rint(percent), 3) + " %";
    }

    /**
     * Formats several shares.
     *
     * @param shares from 0 to 1
     * @return such as {@code 88 %, 56 % and 29 %}
     */
    public static String percents(double... shares) {
        return list(Arrays.stream(shares).mapToObj(Caption::percent).toArray(String[]::new));
    }

    /**
     * Formats several numbers.
     *
     * @param numbers any
     * @return such as {@code 3.26, 29 and 1700}
     */
    public static String numbers(double... numbers) {
        return list(Arrays.stream(numbers).mapToObj(Caption::number).toArray(String[]::new));
    }

    private static String list(String... parts) {
        if (parts.length < 2) {
            return String.join("", parts);
        }
        String all = Arrays.stream(parts).limit(parts.length - 1).collect(Collectors.joining(", "));
        return all + " and " + parts[parts.length - 1];
    }
}
