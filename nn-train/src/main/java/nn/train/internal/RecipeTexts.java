package nn.train.internal;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The texts in the state of a trainer that say how it is built. */
public final class RecipeTexts {
    /** The beginning of their names. */
    public static final String PREFIX = "recipe/";

    /** The name of the trainer's key, which is one of them, too. */
    public static final String KEY = "trainer/key";

    private RecipeTexts() {}

    /**
     * Returns the texts of the recipe.
     *
     * @param state all texts of a state, by name
     * @return by the name of the part, such as {@code loss}, in order
     */
    public static SequencedMap<String, String> of(SequencedMap<String, String> state) {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        state.forEach((name, text) -> {
            if (name.startsWith(PREFIX) || name.equals(KEY)) {
                texts.put(name.substring(name.indexOf('/') + 1), text);
            }
        });
        return texts;
    }
}
