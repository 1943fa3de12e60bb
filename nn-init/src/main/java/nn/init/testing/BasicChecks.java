package nn.init.testing;

import java.util.Arrays;
import nn.init.Fans;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Checks that apply to every initializer, random or not. */
final class BasicChecks {
    /** Elements of the array before and after a view. */
    private static final int MARGIN = 17;

    private final Samples samples;
    private final Findings findings;

    BasicChecks(Samples samples, Findings findings) {
        this.samples = samples;
        this.findings = findings;
    }

    /** Returns whether the values are fit for statistics. */
    boolean check() {
        boolean same = samples.isFirst(samples.filled(7, samples.key()));
        fillsEverything(same);
        sameKeySameBits(same);
        orderIndependence();
        return finite();
    }

    private boolean finite() {
        int bad = 0;
        for (float value : samples.values) {
            bad += Float.isFinite(value) ? 0 : 1;
        }
        findings.judge(
                Property.FINITE,
                bad == 0,
                "all of " + samples.values.length + " values finite",
                bad + " are not",
                "none",
                "the tensor held NaN before: elements that are still NaN were not written, others overflow");
        return bad == 0;
    }

    /**
     * Checks a view.
     *
     * @param same whether a whole tensor gets the same bits twice; if not, those of a view tell nothing
     */
    private void fillsEverything(boolean same) {
        int size = samples.size;
        float[] array = new float[size + 2 * MARGIN];
        Arrays.fill(array, Float.NaN);
        samples.initializer.fill(Tensor.wrap(array, MARGIN, samples.shape), samples.fans, samples.key());
        int left = 0;
        int outside = 0;
        int unlike = 0;
        for (int i = 0; i < array.length; i++) {
            if (i < MARGIN || i >= MARGIN + size) {
                outside += Float.isNaN(array[i]) ? 0 : 1;
            } else {
                left += Float.isNaN(array[i]) ? 1 : 0;
                unlike += same && samples.differs(array[i], i - MARGIN) ? 1 : 0;
            }
        }
        findings.judge(
                Property.FILLS_EVERYTHING,
                left == 0 && outside == 0 && unlike == 0,
                "all of " + size + " elements of a view written, none outside",
                left + " not written, " + outside + " written outside, " + unlike + " unlike a whole tensor's",
                "none",
                outside > 0 || unlike > left
                        ? "the view's offset() is not added to an index into array()"
                        : "a loop ends early, or a last row or block is forgotten");
    }

    private void sameKeySameBits(boolean same) {
        findings.judge(
                Property.SAME_KEY_SAME_BITS,
                same,
                "the same bits twice",
                same ? "the same" : "others",
                "no difference",
                "values depend on the tensor's previous content, on the clock, or on another source of randomness");
    }

    private void orderIndependence() {
        Fans others = new Fans(samples.fans.out(), samples.fans.in());
        Key key = samples.key().child("other");
        try {
            samples.initializer.fill(Tensor.zeros(samples.shape), others, key);
        } catch (IllegalArgumentException e) { // it may refuse fans that the shape does not have
            samples.initializer.fill(Tensor.zeros(samples.shape), samples.fans, key);
        }
        boolean same = samples.isFirst(samples.with(samples.key()));
        findings.judge(
                Property.ORDER_INDEPENDENCE,
                same,
                "the same bits after another fill",
                same ? "the same" : "others",
                "no difference",
                "the initializer keeps state between fills");
    }
}
