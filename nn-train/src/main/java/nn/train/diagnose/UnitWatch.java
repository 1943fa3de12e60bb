package nn.train.diagnose;

import java.util.Arrays;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** What the looks at a training have shown of the units before one nonlinearity. */
final class UnitWatch {
    /** Rows without a slope after which a unit counts as dead; of units that are on in 2 % of rows, 3 in 100,000 do. */
    private static final int ENOUGH_ROWS = 512;

    /** Rows that a look reads at most in search of a slope, evenly in the batch; images have a row for each pixel. */
    private static final int ROWS = 1024;

    /** Rows of which the saturated elements are counted. */
    private static final int SAMPLE = 8;

    /** The share of the newest look in a running mean. */
    static final double NEW = 0.2;

    private final String path;
    private final Nonlinearity f;
    private final boolean isBounded;
    private final float low; // a bounded nonlinearity is flat below this
    private final float high; // and above this; NaN for others
    private final int[] off; // all units, those without a slope in this look first, in any order
    private int offCount;
    private int rows; // of this look
    private int flat; // elements of this look
    private int sampled;
    private final int[] lastAlive; // the last look in which a unit had a slope, from 0; -1 if there was none
    private final long[] rowsOff; // since then
    private double saturated = Double.NaN; // running mean

    UnitWatch(String path, Nonlinearity f, int units) {
        this.path = path;
        this.f = f;
        this.isBounded = RowStatistics.isBounded(f);
        this.low = isBounded ? end(f, -RowStatistics.FAR) : Float.NaN;
        this.high = isBounded ? end(f, RowStatistics.FAR) : Float.NaN;
        this.off = new int[units];
        this.lastAlive = new int[units];
        this.rowsOff = new long[units];
        Arrays.fill(lastAlive, -1);
    }

    /** Returns where a bounded nonlinearity becomes flat, on the way to one end. */
    private static float end(Nonlinearity f, double far) {
        double slope = Math.abs(f.derivative(0));
        double steep = 0;
        double flat = far;
        for (int i = 0; i < 40; i++) {
            double middle = (steep + flat) / 2;
            if (RowStatistics.isFlat(f, middle, slope)) {
                flat = middle;
            } else {
                steep = middle;
            }
        }
        return (float) flat;
    }

    /** Begins a look: no unit has shown a slope. */
    void begin() {
        offCount = off.length;
        for (int i = 0; i < offCount; i++) {
            off[i] = i;
        }
        rows = 0;
        flat = 0;
        sampled = 0;
    }

    /**
     * Looks at pre-activations. Units with a slope need no further look, so most rows are not read.
     *
     * @param z [... x units]
     */
    void look(Tensor z) {
        int units = off.length;
        int count = z.size() / units;
        float[] values = z.array();
        int step = Math.max(1, count / ROWS);
        for (int row = 0; row < count && offCount > 0; row += step) {
            int start = z.offset() + row * units;
            for (int i = offCount - 1; i >= 0; i--) {
                float value = values[start + off[i]];
                boolean isSteep = value > low && value < high; // the same answer at a smaller cost
                if (isSteep || f.derivative(value) != 0) {
                    int unit = off[i];
                    off[i] = off[--offCount];
                    off[offCount] = unit;
                }
            }
        }
        rows += (count + step - 1) / step;
        if (isBounded) {
            int apart = Math.max(1, count / SAMPLE);
            for (int row = 0; row < count; row += apart) {
                int start = z.offset() + row * units;
                for (int i = 0; i < units; i++) {
                    float value = values[start + i];
                    flat += value < low || value > high ? 1 : 0;
                }
                sampled += units;
            }
        }
    }

    /** Ends a look of a step that was taken. */
    void end(int look) {
        if (rows == 0) {
            return;
        }
        int units = off.length;
        for (int i = 0; i < units; i++) { // the first ones in off are without a slope, the others with one
            int unit = off[i];
            if (i < offCount) {
                rowsOff[unit] += rows;
            } else {
                lastAlive[unit] = look;
                rowsOff[unit] = 0;
            }
        }
        if (sampled > 0) {
            double share = (double) flat / sampled;
            saturated = Double.isNaN(saturated) ? share : (1 - NEW) * saturated + NEW * share;
        }
    }

    /** The share of saturated elements; NaN for unbounded nonlinearities. */
    double saturated() {
        return saturated;
    }

    /** The share of units that are dead. */
    double dead() {
        int dead = 0;
        for (long rowsOfUnit : rowsOff) {
            dead += rowsOfUnit >= ENOUGH_ROWS ? 1 : 0;
        }
        return (double) dead / off.length;
    }

    /**
     * Reads the numbers.
     *
     * @param looks the numbers of the steps at which there were looks
     */
    WatchReport.Units reading(long[] looks) {
        int atStart = 0;
        int[] killed = new int[looks.length]; // units by the last look in which they had a slope
        for (int i = 0; i < off.length; i++) {
            if (rowsOff[i] >= ENOUGH_ROWS) {
                if (lastAlive[i] < 0) {
                    atStart++;
                } else {
                    killed[lastAlive[i]]++;
                }
            }
        }
        int most = 0;
        for (int look = 0; look < killed.length; look++) {
            most = killed[look] > killed[most] ? look : most;
        }
        int sum = Arrays.stream(killed).sum();
        return new WatchReport.Units(
                path,
                f.name(),
                off.length,
                (double) atStart / off.length,
                (double) sum / off.length,
                sum == 0 ? 0 : looks[most],
                sum == 0 ? 0 : looks[Math.min(most + 1, looks.length - 1)] - 1,
                saturated);
    }
}
