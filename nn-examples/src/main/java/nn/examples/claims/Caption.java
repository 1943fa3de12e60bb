package nn.examples.claims;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Numbers of a run in the words below its drawings. */
public final class Caption {
    private Caption() {}

    /**
     * A number to two or three digits.
     *
     * @param x any number
     * @return such as {@code 0.56}, {@code 29}, {@code 1700} or {@code 4.1e-07}
     */
    public static String number(double x) {
        if (!(Math.abs(x) >= 1000) || Math.abs(x) >= 1e5) {
            return Report.number(x, Math.abs(x) >= 1 && Math.abs(x) < 10 ? 3 : 2);
        }
        return Report.number(x, 1);
    }

    /**
     * A share.
     *
     * @param share from 0 to 1
     * @return such as {@code 56 %} or {@code 0.5 %}
     */
    public static String percent(double share) {
        double percent = 100 * share;
        return Report.number(percent < 1 || percent > 99 ? Math.rint(10 * percent) / 10 : Math.rint(percent), 2) + " %";
    }

    /**
     * Several shares.
     *
     * @param shares from 0 to 1
     * @return such as {@code 88 %, 56 % and 29 %}
     */
    public static String percents(double... shares) {
        return list(Arrays.stream(shares).mapToObj(Caption::percent).toArray(String[]::new));
    }

    /**
     * Several numbers.
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
