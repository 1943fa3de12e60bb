package nn.layers;

import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The change of a running statistic by the passes of a step: {@code value += momentum * (observed - value)}, once for
 * each place of its layer. The step {@linkplain #apply applies} it when everything else has succeeded.
 */
public final class StatisticUpdate {
    private final Parameter parameter;
    private final float[] changes; // from index 0 on, as C2 uses vectors in loops over such arrays only
    private final Tensor change; // the same numbers, which are subtracted from the value
    private final float[] olds; // a copy of the value
    private final Tensor old; // the same numbers
    private double kept = 1; // the share of the old value that the moves of this pass leave
    private boolean moved;
    private boolean negative; // whether an observed value is below 0
    private double[] sums = {}; // of what was observed, one after the other
    private long observations;
    private boolean isStale; // cleared, and not written since: the change stands for zeros

    StatisticUpdate(Parameter parameter) {
        this.parameter = parameter;
        Shape shape = parameter.value().shape();
        this.changes = new float[shape.size()];
        this.change = Tensor.wrap(changes, 0, shape);
        this.olds = new float[shape.size()];
        this.old = Tensor.wrap(olds, 0, shape);
    }

    /**
     * The statistic.
     *
     * @return of kind {@link Parameter.Kind#STATISTIC STATISTIC}
     */
    public Parameter parameter() {
        return parameter;
    }

    /**
     * The change, which {@link #apply} subtracts from the value.
     *
     * @return of the statistic's shape; zeros if nothing was observed
     */
    public Tensor change() {
        if (isStale) {
            change.fill(0f);
            isStale = false;
        }
        return change;
    }

    /**
     * Changes the statistic's value. One that fades, as those of a dead unit do, becomes 0 below {@link Tensor#TINY}.
     */
    public void apply() {
        float[] value = parameter.value().array();
        int at = parameter.value().offset();
        Tensor c = change();
        for (int i = 0; i < c.size(); i++) {
            float next = value[at + i] - c.array()[c.offset() + i];
            value[at + i] = Math.abs(next) < Tensor.TINY ? 0f : next;
        }
    }

    void beginObserving() {
        sums = new double[change.size()];
        observations = 0;
    }

    /** Adds up what a layer has observed in one place of a pass. */
    void observe(double[] observed) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += observed[i];
        }
        observations++;
    }

    void requireObservedFinite() {
        for (double sum : sums) {
            if (observations > 0 && !Float.isFinite((float) (sum / observations))) {
                throw new IllegalArgumentException("the mean of what was observed of statistic " + parameter + " is "
                        + sum / observations + "; look for large values in the data or weights");
            }
        }
    }

    /** Sets the statistic to the mean of what was observed. */
    void setObserved() {
        Tensor value = parameter.value();
        for (int i = 0; i < sums.length && observations > 0; i++) {
            float mean = (float) (sums[i] / observations);
            value.array()[value.offset() + i] = Math.abs(mean) < Tensor.TINY ? 0f : mean;
        }
    }

    /**
     * Adds a move.
     *
     * @param parts the number of parts of a batch whose moves are in the change, with this one
     */
    void move(double[] observed, double momentum, int parts) {
        old.copyFrom(parameter.value());
        double share = kept * momentum;
        if (isStale) {
            for (int i = 0; i < changes.length; i++) {
                changes[i] = (float) (share * (olds[i] - observed[i]));
            }
            isStale = false;
        } else {
            for (int i = 0; i < changes.length; i++) {
                changes[i] += (float) (share * (olds[i] - observed[i]));
            }
        }
        negative = negative || hasNegative(observed);
        kept *= 1 - momentum;
        if (moved) { // one move takes a share of the old value at most
            keepAboveZero(parts);
        }
        moved = true;
    }

    private static boolean hasNegative(double[] observed) {
        for (double number : observed) {
            if (number < 0) {
                return true;
            }
        }
        return false;
    }

    void beginPart() {
        kept = 1;
    }

    void average(int parts) {
        change().scaleInPlace(1f / parts);
        old.copyFrom(parameter.value());
        keepAboveZero(1);
    }

    /** Adds the moves of another update, which take effect after the moves here. */
    void add(StatisticUpdate other) {
        Tensor first = other == this ? change().copy() : other.change();
        change().scaleInPlace((float) other.kept);
        kept *= other.kept;
        moved |= other.moved;
        negative |= other.negative;
        change().addInPlace(first);
    }

    /** Adds the moves of another part of the same batch, both from the value before the step. */
    void addPart(StatisticUpdate other) {
        moved |= other.moved;
        negative |= other.negative;
        change().addInPlace(other.change());
    }

    long byteSize() {
        return Double.BYTES + Byte.BYTES + (long) Float.BYTES * change.size();
    }

    void write(ByteBuffer out) {
        out.putDouble(kept).put((byte) ((moved ? 1 : 0) + (negative ? 2 : 0)));
        write(change(), out);
    }

    void read(ByteBuffer in) {
        kept = in.getDouble();
        byte flags = in.get();
        moved = (flags & 1) != 0;
        negative = (flags & 2) != 0;
        isStale = false;
        read(in, change);
    }

    static void write(Tensor from, ByteBuffer out) {
        int bytes = Math.multiplyExact(Float.BYTES, from.size());
        if (out.remaining() < bytes) {
            throw new BufferOverflowException();
        }
        out.slice(out.position(), bytes)
                .order(out.order())
                .asFloatBuffer()
                .put(from.array(), from.offset(), from.size());
        out.position(out.position() + bytes);
    }

    static void read(ByteBuffer in, Tensor to) {
        int bytes = Math.multiplyExact(Float.BYTES, to.size());
        if (in.remaining() < bytes) {
            throw new BufferUnderflowException();
        }
        in.slice(in.position(), bytes).order(in.order()).asFloatBuffer().get(to.array(), to.offset(), to.size());
        in.position(in.position() + bytes);
    }

    void clear() {
        isStale = true;
        kept = 1;
        negative = false;
        moved = false;
    }

    /**
     * Keeps rounding from making a statistic negative that never was, when almost nothing of it is left. Its value was
     * copied before.
     */
    private void keepAboveZero(int times) {
        if (!moved || negative) {
            return;
        }
        for (float number : olds) {
            if (number < 0) {
                return;
            }
        }
        for (int i = 0; i < changes.length; i++) {
            changes[i] = Math.min(changes[i], times * olds[i]);
        }
    }
}
