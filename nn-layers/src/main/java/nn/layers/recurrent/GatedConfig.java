package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Recurrent;
import nn.layers.Sequences;
import nn.tensor.Key;
import nn.tensor.Shape;

/**
 * The description of a gated recurrent layer, from {@link Lstm#units} or {@link Gru#units}: an immutable factory. Each
 * gate has its own initializers:
 *
 * <pre>{@code
 * Lstm.units(64).recurrent(Init.orthogonal()).bias("forget", Init.constant(2)).last()
 * }</pre>
 *
 * @param <L> the type of the layer
 */
public final class GatedConfig<L extends Recurrent> implements Recurrent.Factory {
    /** Makes the layer that a config describes. */
    interface Maker<L extends Recurrent> {
        L make(int inputs, GatedConfig<L> config, Key key);
    }

    private final String layer;
    private final Maker<L> maker;
    private final int units;
    private final boolean last;
    private final SequencedMap<String, Gate.Initializers> initializers;

    private GatedConfig(
            String layer,
            Maker<L> maker,
            int units,
            boolean last,
            SequencedMap<String, Gate.Initializers> initializers) {
        this.layer = layer;
        this.maker = maker;
        this.units = units;
        this.last = last;
        this.initializers = initializers;
    }

    /** Outputs all states. Input weights are Xavier uniform, recurrent weights orthogonal, biases zero. */
    static <L extends Recurrent> GatedConfig<L> standard(String layer, Maker<L> maker, int units, List<String> gates) {
        SequencedMap<String, Gate.Initializers> initializers = new LinkedHashMap<>();
        for (String gate : gates) {
            initializers.put(gate, new Gate.Initializers(Init.xavierUniform(), Init.orthogonal(), Init.zeros()));
        }
        return new GatedConfig<>(layer, maker, units, false, initializers);
    }

    /**
     * Outputs the last state [batch x units] only.
     *
     * @return a copy that outputs the last state
     */
    public GatedConfig<L> last() {
        return new GatedConfig<>(layer, maker, units, true, initializers);
    }

    /**
     * Sets the initializer of every gate's input weight.
     *
     * @param initializer fills [inputs x units], once for each gate
     * @return a copy with this initializer
     */
    public GatedConfig<L> input(Initializer initializer) {
        return with(List.copyOf(initializers.keySet()), old -> withInput(old, initializer));
    }

    /**
     * Sets the initializer of one gate's input weight.
     *
     * @param gate the name of the gate
     * @param initializer fills [inputs x units]
     * @return a copy with this initializer
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> input(String gate, Initializer initializer) {
        return with(List.of(Objects.requireNonNull(gate, "gate")), old -> withInput(old, initializer));
    }

    /**
     * Sets the initializer of every gate's recurrent weight.
     *
     * @param initializer fills [units x units], once for each gate
     * @return a copy with this initializer
     */
    public GatedConfig<L> recurrent(Initializer initializer) {
        return with(List.copyOf(initializers.keySet()), old -> withRecurrent(old, initializer));
    }

    /**
     * Sets the initializer of one gate's recurrent weight.
     *
     * @param gate the name of the gate
     * @param initializer fills [units x units]
     * @return a copy with this initializer
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> recurrent(String gate, Initializer initializer) {
        return with(List.of(Objects.requireNonNull(gate, "gate")), old -> withRecurrent(old, initializer));
    }

    /**
     * Sets the initializer of every gate's bias.
     *
     * @param initializer fills [units], once for each gate
     * @return a copy with this initializer
     */
    public GatedConfig<L> bias(Initializer initializer) {
        return with(List.copyOf(initializers.keySet()), old -> withBias(old, initializer));
    }

    /**
     * Sets the initializer of one gate's bias.
     *
     * @param gate the name of the gate
     * @param initializer fills [units]
     * @return a copy with this initializer
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> bias(String gate, Initializer initializer) {
        return with(List.of(Objects.requireNonNull(gate, "gate")), old -> withBias(old, initializer));
    }

    private static Gate.Initializers withInput(Gate.Initializers old, Initializer initializer) {
        return new Gate.Initializers(
                Objects.requireNonNull(initializer, "input initializer"), old.recurrent(), old.bias());
    }

    private static Gate.Initializers withRecurrent(Gate.Initializers old, Initializer initializer) {
        return new Gate.Initializers(
                old.input(), Objects.requireNonNull(initializer, "recurrent initializer"), old.bias());
    }

    private static Gate.Initializers withBias(Gate.Initializers old, Initializer initializer) {
        return new Gate.Initializers(
                old.input(), old.recurrent(), Objects.requireNonNull(initializer, "bias initializer"));
    }

    private GatedConfig<L> with(List<String> gates, UnaryOperator<Gate.Initializers> change) {
        SequencedMap<String, Gate.Initializers> changed = new LinkedHashMap<>(initializers);
        for (String gate : gates) {
            if (!initializers.containsKey(gate)) {
                throw Gate.unknown(layer, gate, List.copyOf(initializers.keySet()));
            }
            changed.put(gate, change.apply(initializers.get(gate)));
        }
        return new GatedConfig<>(layer, maker, units, last, changed);
    }

    /** Makes the gates, in order. */
    List<Gate> gates(int inputs, Key key) {
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    layer + " " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        List<Gate> gates = new ArrayList<>();
        initializers.forEach((name, ofGate) -> gates.add(Gate.create(name, inputs, units, ofGate, key)));
        return List.copyOf(gates);
    }

    int units() {
        return units;
    }

    boolean lastOnly() {
        return last;
    }

    @Override
    public L create(Shape in, Key key) {
        return create(Sequences.inputs(layer, in), key);
    }

    /**
     * Makes the layer.
     *
     * @param inputs features of a step, at least 1
     * @param key the layer's key, which determines the weights
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1
     */
    public L create(int inputs, Key key) {
        return maker.make(inputs, this, key);
    }
}
