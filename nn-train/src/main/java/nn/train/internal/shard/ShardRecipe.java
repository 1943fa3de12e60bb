package nn.train.internal.shard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.train.internal.Fingerprint;
import nn.train.internal.LibraryVersion;
import nn.train.internal.ModelText;
import nn.train.internal.StableText;
import nn.train.loss.Loss;

/**
 * What the gradients of a shard depend on besides weights and examples.
 *
 * @param texts by the name of the part
 */
public record ShardRecipe(SequencedMap<String, String> texts) {
    /**
     * Returns a recipe.
     *
     * @param model the model
     * @param loss the loss
     * @param key of the trainer
     * @param shards their number
     * @return their texts
     */
    public static ShardRecipe of(Layer model, Loss loss, Key key, int shards) {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        texts.put("the version of nn", LibraryVersion.TEXT);
        texts.put("the model", ModelText.of(model));
        texts.put("the loss", StableText.of(loss));
        texts.put("the trainer's key", key.hex());
        texts.put("the number of shards", "" + shards);
        Fingerprint keys = new Fingerprint();
        Fingerprint shapes = new Fingerprint();
        for (Map.Entry<String, Parameter> entry : model.parametersByPath().entrySet()) {
            keys.add(entry.getKey()).add(entry.getValue().key().hex());
            shapes.add(entry.getKey()).add(entry.getValue().value().shape().toString());
        }
        texts.put("the fingerprint of the parameters' keys", keys.toString());
        texts.put("the fingerprint of the parameters' shapes", shapes.toString());
        return new ShardRecipe(texts);
    }

    /**
     * Returns 64 bits that tell recipes apart.
     *
     * @return a hash of all texts
     */
    public long fingerprint() {
        Fingerprint all = new Fingerprint();
        texts.forEach((name, text) -> all.add(name).add(text));
        return Long.parseUnsignedLong(all.toString(), 16);
    }

    /**
     * Returns all texts as a list.
     *
     * @return each name, and then its text
     */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        texts.forEach((name, text) -> {
            lines.add(name);
            lines.add(text);
        });
        return lines;
    }

    /**
     * Compares the recipe of a worker, this one, with that of a trainer.
     *
     * @param trainers its texts by name
     * @return a sentence for each part that differs
     */
    public List<String> differences(Map<String, String> trainers) {
        List<String> differences = new ArrayList<>();
        texts.forEach((name, here) -> {
            String there = trainers.getOrDefault(name, "not stated");
            if (!there.equals(here)) {
                differences.add(name + " of the trainer is " + there + ", here it is " + here);
            }
        });
        return differences;
    }
}
