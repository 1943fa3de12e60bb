package nn.train.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import nn.train.internal.Texts;

/**
 * What turns raw data into the inputs and targets of a model: standardizers, categories, and numbers for missing
 * values, each by a name. It belongs to the model as its weights do, so it is saved in the same file:
 *
 * <pre>{@code
 * Preprocessing steps = Preprocessing.NONE
 *         .with("x", Standardizer.fit(split.train().x()))
 *         .with("kind", Categories.of("no", "yes"));
 * Checkpoint.save(file, trainer, steps);
 *
 * Preprocessing saved = Checkpoint.preprocessing(file);           // in another program, with the same bits
 * Tensor y = network.predict(saved.standardizer("x").apply(x));
 * }</pre>
 *
 * @param standardizers by name
 * @param categories by name, such as that of their column
 * @param fillings numbers for missing values by the names of columns, as {@link Table#means} returns and {@link
 *     Table#fillMissing(SequencedMap)} takes them
 */
public record Preprocessing(
        SequencedMap<String, Standardizer> standardizers,
        SequencedMap<String, Categories> categories,
        SequencedMap<String, Double> fillings) {
    /** No steps. */
    public static final Preprocessing NONE =
            new Preprocessing(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());

    private static final String STANDARDIZER = "standardizer/";
    private static final String CATEGORIES = "categories/";
    private static final String FILLING = "filling/";
    private static final String ALLOWED = "unknown allowed";
    private static final String REFUSED = "unknown refused";

    /**
     * Keeps unmodifiable copies.
     *
     * @throws IllegalArgumentException if a filling is not finite
     * @throws NullPointerException if a map, or a name or value in it, is null
     */
    public Preprocessing {
        standardizers = copy("standardizers", standardizers);
        categories = copy("categories", categories);
        fillings = copy("fillings", fillings);
        fillings.forEach((column, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("the filling of column '" + Texts.visible(column) + "' is " + value
                        + "; a missing value is filled by a finite number");
            }
        });
    }

    private static <T> SequencedMap<String, T> copy(String what, SequencedMap<String, T> steps) {
        SequencedMap<String, T> copy = new LinkedHashMap<>(Objects.requireNonNull(steps, what));
        copy.forEach((name, step) -> {
            Objects.requireNonNull(name, "a name of " + what);
            Objects.requireNonNull(step, () -> what + " '" + name + "'");
        });
        return Collections.unmodifiableSequencedMap(copy);
    }

    /**
     * Adds a standardizer, or replaces that of the name.
     *
     * @param name any name, such as {@code x}
     * @param standardizer the standardizer
     * @return a copy with it
     */
    public Preprocessing with(String name, Standardizer standardizer) {
        return new Preprocessing(added(standardizers, name, standardizer), categories, fillings);
    }

    /**
     * Adds categories, or replaces those of the name.
     *
     * @param name any name, such as that of their column
     * @param some the categories
     * @return a copy with them
     */
    public Preprocessing with(String name, Categories some) {
        return new Preprocessing(standardizers, added(categories, name, some), fillings);
    }

    /**
     * Replaces the numbers for missing values.
     *
     * @param numbers by the names of columns, as {@link Table#means} returns them
     * @return a copy with them
     * @throws IllegalArgumentException if one is not finite
     */
    public Preprocessing filling(SequencedMap<String, Double> numbers) {
        return new Preprocessing(standardizers, categories, numbers);
    }

    private static <T> SequencedMap<String, T> added(SequencedMap<String, T> steps, String name, T step) {
        SequencedMap<String, T> more = new LinkedHashMap<>(steps);
        more.put(name, step);
        return more;
    }

    /**
     * Returns a standardizer.
     *
     * @param name its name
     * @return the standardizer
     * @throws IllegalArgumentException if there is none; lists the names
     */
    public Standardizer standardizer(String name) {
        return find("standardizer has", standardizers, name);
    }

    /**
     * Returns some categories.
     *
     * @param name their name
     * @return the categories
     * @throws IllegalArgumentException if there are none; lists the names
     */
    public Categories categories(String name) {
        return find("categories have", categories, name);
    }

    private static <T> T find(String what, SequencedMap<String, T> steps, String name) {
        T step = steps.get(Objects.requireNonNull(name, "name"));
        if (step == null) {
            throw new IllegalArgumentException(
                    "no " + what + " the name '" + Texts.visible(name) + "'; there are " + Texts.list(steps.keySet()));
        }
        return step;
    }

    /**
     * Returns the steps as texts, for a file. Numbers are written with all their digits, so that {@link #parse} returns
     * equal steps.
     *
     * <table>
     * <caption>Texts</caption>
     * <tr><th>name</th><th>text</th></tr>
     * <tr><td>{@code standardizer/<name>}</td><td>a line for each feature: its mean, a space, and its standard
     * deviation</td></tr>
     * <tr><td>{@code categories/<name>}</td><td>{@code unknown allowed} or {@code unknown refused}, and a line for each
     * category, in which {@code \n}, {@code \r} and {@code \\} stand for line ends and a backslash</td></tr>
     * <tr><td>{@code filling/<column>}</td><td>the number</td></tr>
     * </table>
     *
     * @return the texts by name
     */
    public SequencedMap<String, String> texts() {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        standardizers.forEach((name, standardizer) -> {
            List<String> lines = new ArrayList<>();
            for (int j = 0; j < standardizer.features(); j++) {
                lines.add(standardizer.mean(j) + " " + standardizer.stddev(j));
            }
            texts.put(STANDARDIZER + name, String.join("\n", lines));
        });
        categories.forEach((name, some) -> {
            List<String> lines = new ArrayList<>(List.of(some.unknownAllowed() ? ALLOWED : REFUSED));
            some.names().forEach(category -> lines.add(escaped(category)));
            texts.put(CATEGORIES + name, String.join("\n", lines));
        });
        fillings.forEach((column, value) -> texts.put(FILLING + column, value.toString()));
        return texts;
    }

    /**
     * Returns the steps that texts describe.
     *
     * @param texts those of {@link #texts}
     * @return equal steps
     * @throws IllegalArgumentException if a name or a text is none of them
     */
    public static Preprocessing parse(Map<String, String> texts) {
        SequencedMap<String, Standardizer> standardizers = new LinkedHashMap<>();
        SequencedMap<String, Categories> categories = new LinkedHashMap<>();
        SequencedMap<String, Double> fillings = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            boolean known = read(STANDARDIZER, name, text, standardizers, Preprocessing::standardizer)
                    || read(CATEGORIES, name, text, categories, Preprocessing::categories)
                    || read(FILLING, name, text, fillings, Preprocessing::number);
            if (!known) {
                throw new IllegalArgumentException("preprocessing '" + Texts.visible(name)
                        + "' is of no known kind: was" + " it written by a later version?");
            }
        });
        return new Preprocessing(standardizers, categories, fillings);
    }

    private static <T> boolean read(
            String kind, String name, String text, Map<String, T> steps, BiFunction<String, String, T> parser) {
        boolean isOne = name.startsWith(kind);
        if (isOne) {
            steps.put(name.substring(kind.length()), parser.apply(name, text));
        }
        return isOne;
    }

    private static Standardizer standardizer(String name, String text) {
        String[] lines = text.split("\n", -1);
        double[] mean = new double[lines.length];
        double[] stddev = new double[lines.length];
        for (int j = 0; j < lines.length; j++) {
            int space = lines[j].indexOf(' ');
            if (space < 0) {
                throw invalid(
                        name,
                        "line " + (j + 1) + " must be a mean, a space and a standard deviation, and is '"
                                + Texts.visible(lines[j]) + "'");
            }
            mean[j] = number(name, lines[j].substring(0, space));
            stddev[j] = number(name, lines[j].substring(space + 1));
        }
        return Standardizer.of(mean, stddev);
    }

    private static Categories categories(String name, String text) {
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(ALLOWED) && !lines[0].equals(REFUSED)) {
            throw invalid(
                    name,
                    "it must begin with '" + ALLOWED + "' or '" + REFUSED + "', and begins with '"
                            + Texts.visible(lines[0]) + "'");
        }
        List<String> names = new ArrayList<>();
        for (String line : List.of(lines).subList(1, lines.length)) {
            names.add(unescaped(name, line));
        }
        return new Categories(names, lines[0].equals(ALLOWED));
    }

    private static double number(String name, String digits) {
        try {
            return Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw invalid(name, "'" + Texts.visible(digits) + "' is not a number");
        }
    }

    private static String escaped(String category) {
        return category.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String unescaped(String name, String line) {
        StringBuilder category = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '\\') {
                category.append(c);
                continue;
            }
            char escape = ++i < line.length() ? line.charAt(i) : ' ';
            category.append(
                    switch (escape) {
                        case '\\' -> '\\';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        default -> throw invalid(name, "an unknown escape in '" + Texts.visible(line) + "'");
                    });
        }
        return category.toString();
    }

    private static IllegalArgumentException invalid(String name, String problem) {
        return new IllegalArgumentException("preprocessing '" + Texts.visible(name) + "' is invalid: " + problem);
    }
}
