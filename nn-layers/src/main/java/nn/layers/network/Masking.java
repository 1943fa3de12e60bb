package nn.layers.network;

import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Layers for a batch of sequences of different lengths that are padded at the end. The lengths come from the input, and
 * the layers inside get them by {@link Context#lengths}. Recurrent layers end each sequence at its own last step,
 * {@link nn.layers.recurrent.Bidirectional} layers begin their backward direction there, and {@link
 * nn.layers.pooling.LastStep}, {@link nn.layers.pooling.MeanOverTime} and {@link nn.layers.pooling.MaxOverTime} leave
 * the padding out. So a sequence gets the same bits as alone, without padding:
 *
 * <pre>{@code
 * Network.builder(key).tokens().timeMajor()           // [batch x time], 0 after the end of a text
 *         .layer("text", Masking.of(0, text -> text
 *                 .layer("embedding", Embedding.of(words, 16))
 *                 .layer("lstm", Bidirectional.of(Lstm.units(32)))
 *                 .layer("mean", new MeanOverTime())))
 *         .dense("class", classes)
 * }</pre>
 *
 * <p>Shapes: x [time x batch] or [time x batch x ...]; the output is that of the layers inside. A step is padding if
 * all its numbers are the padding value; a sequence ends at its last step that is not padding. The layers are its
 * children, so the weight of the embedding above is the parameter {@code text.embedding.weight}.
 *
 * <p>{@link nn.layers.attention.Attention} hides padding as well. It takes [batch x time x ...], so it stands between
 * two {@linkplain Network.Builder#timeMajor swaps of the axes}: {@code text.timeMajor().layer("a",
 * Attention.heads(2)).timeMajor()}.
 *
 * <p>Layers that treat each step by itself, such as {@link nn.layers.dense.Dense}, compute padding steps too. If the
 * output has time steps, a loss must leave the padding out. {@link nn.layers.normalization.BatchNorm} counts them in
 * its statistics; {@link nn.layers.normalization.LayerNorm} does not.
 *
 * <p>Other layers of this library that combine steps, such as {@link nn.layers.normalization.GroupNorm}, {@link
 * nn.layers.convolution.GlobalPool}, and a {@link nn.layers.convolution.Convolution} that is not causal, cannot leave
 * out padding. Their first pass refuses it, by an {@link IllegalArgumentException} that names the layer. A layer or a
 * formula of your own that combines steps asks for the {@linkplain Context#lengths lengths}, or {@linkplain
 * nn.layers.Sequences#requireNoPadding refuses} them, too. Layers behind one that combines all steps into one, such as
 * {@link nn.layers.pooling.LastStep}, belong behind the masking.
 */
public final class Masking implements Layer {
    private final Network body;
    private final float padding;

    private Masking(Network body, float padding) {
        this.body = body;
        this.padding = padding;
    }

    /**
     * Describes the layer.
     *
     * @param padding the value of padding steps, such as 0; not NaN
     * @param body adds the layers to a builder that knows the input and the key
     * @return a factory, which refuses layers that do not take [time x batch x ...]
     * @throws IllegalArgumentException if the padding is NaN
     */
    public static LayerFactory of(float padding, Consumer<Network.Builder> body) {
        requirePadding("masking", padding);
        LayerFactory chain = Network.chain(body);
        return (in, key) -> {
            Network layers = (Network) chain.create(in, key);
            requireSequences("masking", layers);
            return new Masking(layers, padding);
        };
    }

    /** Refuses layers that do not take [time x batch x ...]: where time is as long as the batch, no shape shows it. */
    static void requireSequences(String layer, Layer inside) {
        if (inside.batchAxis(1).isEmpty()) {
            throw new IllegalArgumentException(layer + ": the layers in it must take [time x batch x ...], with the"
                    + " sequences along axis 1, and " + Layer.describe(inside) + " does not. Put a timeMajor() before"
                    + " each layer in it that takes [batch x time x ...], such as attention, and another behind it;"
                    + " or take out a timeMajor() that is there");
        }
    }

    /** Refuses NaN, which equals nothing. */
    static void requirePadding(String layer, float padding) {
        if (Float.isNaN(padding)) {
            throw new IllegalArgumentException(
                    layer + ": padding NaN equals nothing; use 0, or a value that no feature has");
        }
    }

    @Override
    public Pass newPass() {
        return new WithLengths();
    }

    /** Runs the layers in a context that knows the lengths. */
    private final class WithLengths extends Pass {
        private final Pass inner = body.newPass();

        WithLengths() {
            super(Masking.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            return inner.runIn(Lengths.of(x, padding).over(context), x);
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            return inner.pullback(dy, gradients);
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            inner.pullbackParameters(dy, gradients);
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        requireSteps(in);
        return body.outputShape(in);
    }

    private void requireSteps(Shape in) {
        if (in.rank() < 2) {
            throw new ShapeException(this + ": expected [time x batch x ...], got " + in, "[time x batch x ...]", in);
        }
    }

    /** Accepts axis 1 of the input, as axis 0 is the time; the layers determine the batch axis of the output. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 1 ? body.batchAxis(1) : OptionalInt.empty();
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return body.children();
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        requireSteps(x.shape());
        return graph.withLengths(Sequences.exportLengths(graph, x, padding), () -> body.export(graph, x));
    }

    /** Such as {@code Masking of 3 layers}, and the padding if it is not 0. */
    @Override
    public String toString() {
        int count = body.children().size();
        return "Masking of " + count + (count == 1 ? " layer" : " layers")
                + (padding == 0 ? "" : " padded with " + padding);
    }
}
