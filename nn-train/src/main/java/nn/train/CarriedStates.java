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
    Map<Layer, List<Recurrent.State>> read(TrainingState state, StateReader reader) {
        Map<Layer, List<Recurrent.State>> states = new IdentityHashMap<>();
        boolean wereCarried = Recipe.carries(state);
        if (wereCarried && !carrying) {
            reader.skip(PREFIX); // compared as one of the options
        }
        if (!wereCarried || !carrying) {
            return states;
        }
        long found = 0;
        for (Map.Entry<Layer, String> entry : step.paths().entrySet()) {
            List<Recurrent.State> places = new ArrayList<>();
            String prefix = PREFIX + entry.getValue() + "/";
            Tensor first;
            while ((first = state.tensors().get(prefix + places.size() + "/0")) != null) {
                String name = prefix + places.size() + "/";
                List<Tensor> parts = new ArrayList<>();
                for (Shape shape : shapes(entry.getKey(), first, state, name)) {
                    parts.add(reader.tensor(name + parts.size(), shape, Double.NEGATIVE_INFINITY)
                            .orElse(first)); // the reader knows the problem
                    found++;
                }
                places.add(new Recurrent.State(parts));
            }
            if (!places.isEmpty()) {
                states.put(entry.getKey(), places);
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

    /**
     * The shapes of the parts of a layer's state. Those of a recurrent layer are known; any other layer looks at its
     * state itself, since it may grow with the sequence.
     */
    private static List<Shape> shapes(Layer carrying, Tensor first, TrainingState state, String name) {
        List<Shape> shapes = new ArrayList<>();
        if (carrying instanceof Recurrent layer) {
            int rows = first.shape().rank() == 0 ? 0 : first.dim(0);
            layer.stateSizes().forEach(size -> shapes.add(Shape.of(rows, size)));
            return shapes;
        }
        Tensor part;
        while ((part = state.tensors().get(name + shapes.size())) != null) {
            shapes.add(part.shape());
        }
        return shapes;
    }
}
