package nn.train.data;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import nn.tensor.Tensor;
import nn.train.internal.Texts;

/**
 * The categories of a text column, or the names of classes. The number of a category is its position in the list.
 * Categories come from the training data and are used for all other data, so that a number means the same everywhere.
 *
 * <pre>{@code
 * Csv csv = Csv.withHeader().text("city", "kind");
 * Table train = csv.read(Path.of("train.csv"));
 * Categories cities = train.categories("city").allowUnknown();    // Berlin, Paris, Rome
 * Categories kinds = train.categories("kind");                    // no, yes
 * Dataset data = train.oneHot("city", cities).withLabels("kind", kinds);
 *
 * Table later = csv.read(Path.of("later.csv"));                   // London is unknown: zeros for it
 * Dataset test = later.oneHot("city", cities).withLabels("kind", kinds);
 * kinds.names().get(1);                                           // the name of label 1: yes
 * }</pre>
 *
 * <p>{@link Preprocessing} keeps them in the file of a model.
 *
 * @param names the categories, each once
 * @param unknownAllowed whether {@link #oneHot} encodes an unknown text as zeros; otherwise it is refused
 */
public record Categories(List<String> names, boolean unknownAllowed) {
    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException if there is none, or one is repeated
     * @throws NullPointerException if one is null
     */
    public Categories {
        for (String name : Objects.requireNonNull(names, "names")) {
            Objects.requireNonNull(name, "a category");
        }
        names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("there are no categories; name at least one");
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("the category '" + Texts.visible(name) + "' is listed twice");
            }
        }
    }

    /**
     * Returns categories in a given order.
     *
     * @param names each once, at least one
     * @return the categories; an unknown text is refused
     * @throws IllegalArgumentException if there is none, or one is repeated
     */
    public static Categories of(String... names) {
        return new Categories(Arrays.asList(Objects.requireNonNull(names, "names")), false);
    }

    /**
     * Returns the distinct texts of some data, sorted by their characters (as {@link String#compareTo} does), so that
     * the order of the data does not matter.
     *
     * @param texts at least one
     * @return the categories; an unknown text is refused
     * @throws IllegalArgumentException if there are no texts
     */
    public static Categories in(Collection<String> texts) {
        Objects.requireNonNull(texts, "texts").forEach(text -> Objects.requireNonNull(text, "text"));
        return new Categories(texts.stream().distinct().sorted().toList(), false);
    }

    /**
     * Returns the same categories, for which {@link #oneHot} encodes an unknown text as zeros. Class labels must still
     * be known.
     *
     * @return categories that allow unknown texts
     */
    public Categories allowUnknown() {
        return new Categories(names, true);
    }

    /**
     * Returns the number of categories.
     *
     * @return 1 or more
     */
    public int size() {
        return names.size();
    }

    /**
     * Returns the numbers of texts, as class labels.
     *
     * @param texts each a category
     * @return [n], whole numbers from 0 to {@code size() - 1}
     * @throws IllegalArgumentException if a text is not a category; names its position
     */
    public Tensor labels(List<String> texts) {
        Map<String, Integer> numbers = numbers();
        Tensor labels = Tensor.zeros(Objects.requireNonNull(texts, "texts").size());
        for (int i = 0; i < texts.size(); i++) {
            Integer number = numbers.get(Objects.requireNonNull(texts.get(i), "text"));
            if (number == null) {
                throw new IllegalArgumentException("text " + i + ": " + unknown(texts.get(i)));
            }
            labels.set(number, i);
        }
        return labels;
    }

    /**
     * Returns texts as vectors: 1 at the category, 0 elsewhere.
     *
     * @param texts each a category, unless unknown ones are allowed
     * @return [n x size()]
     * @throws IllegalArgumentException if a text is not a category and unknown ones are not allowed; names its position
     */
    public Tensor oneHot(List<String> texts) {
        Map<String, Integer> numbers = numbers();
        Tensor encoded = Tensor.zeros(Objects.requireNonNull(texts, "texts").size(), size());
        for (int i = 0; i < texts.size(); i++) {
            Integer number = numbers.get(Objects.requireNonNull(texts.get(i), "text"));
            if (number != null) {
                encoded.set(1, i, number);
            } else if (!unknownAllowed) {
                throw new IllegalArgumentException("text " + i + ": " + unknown(texts.get(i)));
            }
        }
        return encoded;
    }

    /** Returns the numbers by name. */
    Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        names.forEach(name -> numbers.put(name, numbers.size()));
        return numbers;
    }

    /** Returns a message that a text is not a category. */
    String unknown(String text) {
        return "'" + Texts.visible(text) + "' is not among the " + size() + " categories " + Texts.list(names);
    }
}
