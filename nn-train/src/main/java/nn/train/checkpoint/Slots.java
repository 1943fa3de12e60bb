package nn.train.checkpoint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nn.layers.Dense;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Rnn;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Where the parameters of a model are in a file. */
final class Slots {
    private Slots() {}

    /** How a stored tensor and a parameter belong together. */
    enum Form {
        /** They are the same. */
        PLAIN,
        /** One is the other's transpose. */
        TRANSPOSED,
        /** Zeros; read, it is added to what another slot of the parameter holds. */
        ADDEND
    }

    /**
     * One tensor of a file.
     *
     * @param name of the tensor
     * @param parameter what it holds
     * @param form how
     */
    record Slot(String name, Parameter parameter, Form form) {
        /** The shape of the tensor in the file. */
        Shape shape() {
            Shape shape = parameter.value().shape();
            return form == Form.TRANSPOSED ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
        }

        /** What to store for such values of the parameter. */
        Tensor stored(Tensor value) {
            return switch (form) {
                case PLAIN -> value.copy();
                case TRANSPOSED -> value.transpose();
                case ADDEND -> Tensor.zeros(value.shape());
            };
        }

        /** Puts what was stored into values of the parameter's shape; an addend after what it is added to. */
        void read(Tensor stored, Tensor value) {
            switch (form) {
                case PLAIN -> value.copyFrom(stored);
                case TRANSPOSED -> stored.transposeInto(value);
                case ADDEND -> value.addInPlace(stored);
            }
        }
    }

    /** The slots of a model, in the order of its parameters. */
    static List<Slot> of(Layer model, Layout layout) {
        List<Slot> slots = new ArrayList<>();
        if (layout == Layout.NN) {
            model.parametersByPath().forEach((path, parameter) -> slots.add(new Slot(path, parameter, Form.PLAIN)));
            return slots;
        }
        // By layer, for what a name becomes depends on its layer. Iterates, as depth is to cost no stack.
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Map.Entry<String, Layer>> open = new ArrayDeque<>(List.of(Map.entry("", model)));
        while (!open.isEmpty()) {
            Map.Entry<String, Layer> place = open.pop();
            Layer layer = place.getValue();
            if (layer.children().isEmpty()) {
                for (Parameter parameter : layer.parameters()) {
                    if (seen.add(parameter)) {
                        addTorch(layer, place.getKey(), parameter, slots);
                    }
                }
            }
            layer.children().reversed()
                    .forEach((name, child) -> open.push(Map.entry(place.getKey() + name + ".", child)));
        }
        return slots;
    }

    private static void addTorch(Layer layer, String prefix, Parameter parameter, List<Slot> slots) {
        String name = parameter.name();
        switch (layer) {
            case Dense _ when name.equals("weight") -> slots.add(new Slot(prefix + name, parameter, Form.TRANSPOSED));
            case Rnn _ -> {
                switch (name) {
                    case "input" -> slots.add(new Slot(prefix + "weight_ih_l0", parameter, Form.TRANSPOSED));
                    case "recurrent" -> slots.add(new Slot(prefix + "weight_hh_l0", parameter, Form.TRANSPOSED));
                    default -> {
                        slots.add(new Slot(prefix + "bias_ih_l0", parameter, Form.PLAIN));
                        slots.add(new Slot(prefix + "bias_hh_l0", parameter, Form.ADDEND));
                    }
                }
            }
            default -> slots.add(new Slot(prefix + name, parameter, Form.PLAIN));
        }
    }
}
