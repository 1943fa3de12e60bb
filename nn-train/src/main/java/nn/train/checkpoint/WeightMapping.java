package nn.train.checkpoint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import nn.layers.BatchNorm;
import nn.layers.Bidirectional;
import nn.layers.Dense;
import nn.layers.Gru;
import nn.layers.Layer;
import nn.layers.LayerNorm;
import nn.layers.Lstm;
import nn.layers.PRelu;
import nn.layers.Parameter;
import nn.layers.Rnn;
import nn.layers.Stacked;
import nn.train.checkpoint.StoredTensor.Block;
import nn.train.checkpoint.StoredTensor.Form;

/** Where the parameters of a model are in a file, in the order of the parameters. */
final class WeightMapping {
    private static final List<String> LSTM_GATES = List.of("input", "forget", "candidate", "output");
    private static final List<String> GRU_GATES = List.of("reset", "update", "candidate");

    private final List<StoredTensor> slots = new ArrayList<>();
    private final Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<Parameter, String> paths = new IdentityHashMap<>();

    private WeightMapping(Layer model) {
        model.parametersByPath().forEach((path, parameter) -> paths.put(parameter, path));
    }

    static List<StoredTensor> of(Layer model, Layout layout) {
        WeightMapping slots = new WeightMapping(model);
        if (layout == Layout.NN) {
            model.parametersByPath().forEach((path, parameter) ->
                    slots.slots.add(StoredTensor.of(path, new Block(path, parameter.value().shape(), Form.PLAIN))));
        } else {
            slots.walk(model);
            model.parametersByPath().forEach((path, parameter) -> { // such as those of a layer that has children too
                if (slots.seen.add(parameter)) {
                    slots.slots.add(StoredTensor.of(path, new Block(path, parameter.value().shape(), Form.PLAIN)));
                }
            });
            slots.requireUniqueNames();
        }
        return slots.slots;
    }

    private void requireUniqueNames() {
        Map<String, StoredTensor> byName = new HashMap<>();
        for (StoredTensor slot : slots) {
            StoredTensor other = byName.put(slot.name(), slot);
            if (other != null) {
                throw new IllegalArgumentException("in the layout of PyTorch, '" + other.blocks().getFirst().path()
                        + "' and '" + slot.blocks().getFirst().path() + "' would both be named '" + slot.name()
                        + "'; rename a layer, or use Layout.NN");
            }
        }
    }

    /**
     * A layer on the way.
     *
     * @param path before the names of its parameters here
     * @param prefix before their names in PyTorch
     * @param suffix behind the names of a recurrent layer's parameters in PyTorch
     */
    private record Place(String path, String prefix, String suffix, Layer layer) {}

    /** Walks the layers, on which the names depend. Iterates: deep models would overflow the stack. */
    private void walk(Layer model) {
        Deque<Place> open = new ArrayDeque<>(List.of(new Place("", "", "_l0", model)));
        while (!open.isEmpty()) {
            Place place = open.pop();
            SequencedMap<String, Layer> children = place.layer().children();
            if (children.isEmpty()) {
                leaf(place);
            }
            int index = children.size();
            for (Map.Entry<String, Layer> child : children.reversed().entrySet()) {
                index--;
                open.push(place(place, child.getKey(), index, child.getValue()));
            }
        }
    }

    private static Place place(Place parent, String name, int index, Layer layer) {
        String path = parent.path() + name + ".";
        boolean named = layer instanceof Rnn || layer instanceof Lstm || layer instanceof Gru; // as in PyTorch
        return switch (parent.layer()) {
            case Stacked _ when named -> new Place(path, parent.prefix(), "_l" + index, layer);
            case Bidirectional _ when named ->
                new Place(path, parent.prefix(), parent.suffix() + (index == 0 ? "" : "_reverse"), layer);
            default -> new Place(path, parent.prefix() + name + ".", "_l0", layer);
        };
    }

    private void leaf(Place place) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (Parameter parameter : place.layer().parameters()) { // one that is shared may have its path elsewhere
            if (paths.get(parameter).equals(place.path() + parameter.name()) && seen.add(parameter)) {
                parameters.put(parameter.name(), parameter);
            }
        }
        boolean whole = parameters.size() == place.layer().parameters().size();
        switch (place.layer()) {
            case Lstm _ when whole -> gated(place, parameters, LSTM_GATES, List.of());
            case Gru _ when whole -> {
                Block last = block(place, parameters.get("candidate_recurrent_bias"), Form.PLAIN);
                gated(place, parameters, GRU_GATES, List.of(last));
            }
            default -> parameters.values().forEach(parameter -> single(place, parameter));
        }
    }

    private void single(Place place, Parameter parameter) {
        String name = parameter.name();
        switch (place.layer()) {
            case Dense _ when name.equals("weight") -> add(place, name, block(place, parameter, Form.TRANSPOSED));
            case Rnn _ when name.equals("input") ->
                add(place, "weight_ih" + place.suffix(), block(place, parameter, Form.TRANSPOSED));
            case Rnn _ when name.equals("recurrent") ->
                add(place, "weight_hh" + place.suffix(), block(place, parameter, Form.TRANSPOSED));
            case Rnn _ -> {
                add(place, "bias_ih" + place.suffix(), block(place, parameter, Form.PLAIN));
                add(place, "bias_hh" + place.suffix(), block(place, parameter, Form.ADDEND));
            }
            case LayerNorm _ -> add(place, normal(name), block(place, parameter, Form.PLAIN));
            case BatchNorm _ -> add(place, normal(name), block(place, parameter, Form.PLAIN));
            case PRelu _ -> add(place, "weight", block(place, parameter, Form.PLAIN));
            default -> add(place, name, block(place, parameter, Form.PLAIN));
        }
    }

    private static String normal(String name) {
        return switch (name) {
            case "scale" -> "weight";
            case "mean" -> "running_mean";
            case "variance" -> "running_var";
            default -> name;
        };
    }

    /** The gates one below the other; the last blocks of the second bias, where they are not zeros. */
    private void gated(Place place, Map<String, Parameter> parameters, List<String> gates, List<Block> lastBiases) {
        add(place, "weight_ih" + place.suffix(), blocks(place, parameters, gates, "_input", Form.TRANSPOSED));
        add(place, "weight_hh" + place.suffix(), blocks(place, parameters, gates, "_recurrent", Form.TRANSPOSED));
        add(place, "bias_ih" + place.suffix(), blocks(place, parameters, gates, "_bias", Form.PLAIN));
        List<String> zeros = gates.subList(0, gates.size() - lastBiases.size());
        List<Block> second = new ArrayList<>(List.of(blocks(place, parameters, zeros, "_bias", Form.ADDEND)));
        second.addAll(lastBiases);
        add(place, "bias_hh" + place.suffix(), second.toArray(Block[]::new));
    }

    private static Block[] blocks(
            Place place, Map<String, Parameter> parameters, List<String> gates, String name, Form form) {
        return gates.stream()
                .map(gate -> block(place, parameters.get(gate + name), form))
                .toArray(Block[]::new);
    }

    private static Block block(Place place, Parameter parameter, Form form) {
        return new Block(place.path() + parameter.name(), parameter.value().shape(), form);
    }

    private void add(Place place, String name, Block... blocks) {
        slots.add(new StoredTensor(place.prefix() + name, List.of(blocks)));
    }
}
