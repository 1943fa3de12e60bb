package nn.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.train.internal.Fingerprint;
import nn.train.internal.ModelText;
import nn.train.internal.StableText;
import nn.train.loss.Loss;

/** What the gradients of a shard depend on besides weights and examples, as texts by name. */
record ShardRecipe(SequencedMap<String, String> texts) {
    static ShardRecipe of(Layer model, Loss loss, Key key, int shards) {
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

    /** Returns 64 bits that tell recipes apart. */
    long fingerprint() {
        Fingerprint all = new Fingerprint();
        texts.forEach((name, text) -> all.add(name).add(text));
        return Long.parseUnsignedLong(all.toString(), 16);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        texts.forEach((name, text) -> {
            lines.add(name);
            lines.add(text);
        });
        return lines;
    }

    /** Returns a sentence for each part that differs from that of a trainer. */
    List<String> differences(Map<String, String> trainers) {
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
