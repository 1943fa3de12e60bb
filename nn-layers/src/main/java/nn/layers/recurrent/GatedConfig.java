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
 * The description of a recurrent layer with gates, {@link Lstm#units} or {@link Gru#units}: an immutable factory. Each
 * gate's parameters have schemes of their own:
 *
 * <pre>{@code
 * Lstm.units(64).recurrent(Init.orthogonal()).bias("forget", Init.constant(2)).last()
 * }</pre>
 *
 * @param <L> the layer that it makes
 */
public final class GatedConfig<L extends Recurrent> implements Recurrent.Factory {
    /** Makes the layer of a description. */
    interface Maker<L extends Recurrent> {
        L make(int inputs, GatedConfig<L> config, Key key);
    }

    private final String layer;
    private final Maker<L> maker;
    private final int units;
    private final boolean last;
    private final SequencedMap<String, Gate.Schemes> schemes;

    private GatedConfig(
            String layer, Maker<L> maker, int units, boolean last, SequencedMap<String, Gate.Schemes> schemes) {
        this.layer = layer;
        this.maker = maker;
        this.units = units;
        this.last = last;
        this.schemes = schemes;
    }

    /** Glorot uniform from the inputs, orthogonal from the state, zero biases; all states. */
    static <L extends Recurrent> GatedConfig<L> standard(String layer, Maker<L> maker, int units, List<String> gates) {
        SequencedMap<String, Gate.Schemes> schemes = new LinkedHashMap<>();
        for (String gate : gates) {
            schemes.put(gate, new Gate.Schemes(Init.xavierUniform(), Init.orthogonal(), Init.zeros()));
        }
        return new GatedConfig<>(layer, maker, units, false, schemes);
    }

    /**
     * This, giving the last state [batch x units] only.
     *
     * @return a changed copy
     */
    public GatedConfig<L> last() {
        return new GatedConfig<>(layer, maker, units, true, schemes);
    }

    /**
     * This, with another scheme for every gate's input weight.
     *
     * @param initializer fills [inputs x units], once for each gate
     * @return a changed copy
     */
    public GatedConfig<L> input(Initializer initializer) {
        return changed(schemes.sequencedKeySet().stream().toList(), old -> withInput(old, initializer));
    }

    /**
     * This, with another scheme for one gate's input weight.
     *
     * @param gate its name
     * @param initializer fills [inputs x units]
     * @return a changed copy
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> input(String gate, Initializer initializer) {
        return changed(List.of(Objects.requireNonNull(gate, "gate")), old -> withInput(old, initializer));
    }

    /**
     * This, with another scheme for every gate's recurrent weight.
     *
     * @param initializer fills [units x units], once for each gate
     * @return a changed copy
     */
    public GatedConfig<L> recurrent(Initializer initializer) {
        return changed(schemes.sequencedKeySet().stream().toList(), old -> withRecurrent(old, initializer));
    }

    /**
     * This, with another scheme for one gate's recurrent weight.
     *
     * @param gate its name
     * @param initializer fills [units x units]
     * @return a changed copy
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> recurrent(String gate, Initializer initializer) {
        return changed(List.of(Objects.requireNonNull(gate, "gate")), old -> withRecurrent(old, initializer));
    }

    /**
     * This, with another scheme for every gate's bias.
     *
     * @param initializer fills [units], once for each gate
     * @return a changed copy
     */
    public GatedConfig<L> bias(Initializer initializer) {
        return changed(schemes.sequencedKeySet().stream().toList(), old -> withBias(old, initializer));
    }

    /**
     * This, with another scheme for one gate's bias.
     *
     * @param gate its name
     * @param initializer fills [units]
     * @return a changed copy
     * @throws IllegalArgumentException if there is no such gate
     */
    public GatedConfig<L> bias(String gate, Initializer initializer) {
        return changed(List.of(Objects.requireNonNull(gate, "gate")), old -> withBias(old, initializer));
    }

    private static Gate.Schemes withInput(Gate.Schemes old, Initializer initializer) {
        return new Gate.Schemes(Objects.requireNonNull(initializer, "input initializer"), old.recurrent(), old.bias());
    }

    private static Gate.Schemes withRecurrent(Gate.Schemes old, Initializer initializer) {
        return new Gate.Schemes(old.input(), Objects.requireNonNull(initializer, "recurrent initializer"), old.bias());
    }

    private static Gate.Schemes withBias(Gate.Schemes old, Initializer initializer) {
        return new Gate.Schemes(old.input(), old.recurrent(), Objects.requireNonNull(initializer, "bias initializer"));
    }

    private GatedConfig<L> changed(List<String> gates, UnaryOperator<Gate.Schemes> change) {
        SequencedMap<String, Gate.Schemes> changed = new LinkedHashMap<>(schemes);
        for (String gate : gates) {
            if (!schemes.containsKey(gate)) {
                throw Gate.unknown(
                        layer, gate, schemes.sequencedKeySet().stream().toList());
            }
            changed.put(gate, change.apply(schemes.get(gate)));
        }
        return new GatedConfig<>(layer, maker, units, last, changed);
    }

    /** The gates, in order. */
    List<Gate> gates(int inputs, Key key) {
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    layer + " " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        List<Gate> gates = new ArrayList<>();
        schemes.forEach((name, scheme) -> gates.add(Gate.create(name, inputs, units, scheme, key)));
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
     * @param key names the weights
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1
     */
    public L create(int inputs, Key key) {
        return maker.make(inputs, this, key);
    }
}
