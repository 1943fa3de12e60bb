package nn.train;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** The states that recurrent layers carry from step to step, as tensors of a {@link TrainingState}. */
final class CarriedStates {
    private static final String PREFIX = "carry/"; // before <path of the layer>/<place in the pass>/<part>
    private static final String COUNT = "trainer/carried"; // the number of these tensors

    private final TrainingStep step;
    private final boolean carrying;

    CarriedStates(TrainingStep step, boolean carrying) {
        this.step = step;
        this.carrying = carrying;
    }

    void writeCount(SequencedMap<String, String> text) {
        if (carrying) {
            text.put(COUNT, "" + tensors().size());
        }
    }

    /** Returns the carried states, sorted by name. */
    SortedMap<String, Tensor> tensors() {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        step.carry().states().forEach((layer, places) -> {
            String path = step.paths().get(layer);
            if (path == null) {
                throw new IllegalStateException("a state is carried for " + Layer.describe(layer) + ", which no layer"
                        + " lists among its children(), so it has no name to be saved by");
            }
            for (int place = 0; place < places.size(); place++) {
                List<Tensor> parts = places.get(place).parts();
                for (int part = 0; part < parts.size(); part++) {
                    tensors.put(PREFIX + path + "/" + place + "/" + part, parts.get(part));
                }
            }
        });
        return tensors;
    }

    /** Reads the tensors that {@link #tensors} returned; the reader collects the problems. */
    Map<Recurrent, List<Recurrent.State>> read(TrainingState state, StateReader reader) {
        Map<Recurrent, List<Recurrent.State>> states = new IdentityHashMap<>();
        boolean wereCarried = Recipe.carries(state);
        if (wereCarried && !carrying) {
            reader.skip(PREFIX); // compared as one of the options
        }
        if (!wereCarried || !carrying) {
            return states;
        }
        long found = 0;
        for (Map.Entry<Layer, String> entry : step.paths().entrySet()) {
            if (!(entry.getKey() instanceof Recurrent layer)) {
                continue;
            }
            List<Recurrent.State> places = new ArrayList<>();
            String prefix = PREFIX + entry.getValue() + "/";
            Tensor first;
            while ((first = state.tensors().get(prefix + places.size() + "/0")) != null) {
                int rows = first.shape().rank() == 0 ? 0 : first.dim(0);
                List<Tensor> parts = new ArrayList<>();
                for (int size : layer.stateSizes()) {
                    String name = prefix + places.size() + "/" + parts.size();
                    parts.add(reader.tensor(name, Shape.of(rows, size), Double.NEGATIVE_INFINITY)
                            .orElse(first)); // the reader knows the problem
                    found++;
                }
                places.add(new Recurrent.State(parts));
            }
            if (!places.isEmpty()) {
                states.put(layer, places);
            }
        }
        long expected = reader.count(COUNT, Integer.MAX_VALUE);
        if (found != expected) {
            reader.problem(
                    COUNT,
                    "is " + expected + ", but there are " + found + " tensors 'carry/...' for the"
                            + " recurrent layers of this model");
        }
        return states;
    }
}
