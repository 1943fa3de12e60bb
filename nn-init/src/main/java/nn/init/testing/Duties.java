package nn.init.testing;

import java.util.Arrays;
import nn.init.Fans;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** What every initializer owes, random or not. */
final class Duties {
    /** Of the array around a view. */
    private static final int MARGIN = 17;

    private final Draws draws;
    private final Findings findings;

    Duties(Draws draws, Findings findings) {
        this.draws = draws;
        this.findings = findings;
    }

    /** Gives whether the values are fit for statistics. */
    boolean check() {
        fillsEverything();
        sameKeySameBits();
        orderIndependence();
        return finite();
    }

    private boolean finite() {
        int bad = 0;
        for (float value : draws.values) {
            bad += Float.isFinite(value) ? 0 : 1;
        }
        findings.judge(
                Property.FINITE,
                bad == 0,
                "all of " + draws.values.length + " values finite",
                bad + " are not",
                "none",
                "NaN was there before the fill: elements that stay so were not written; others overflow");
        return bad == 0;
    }

    private void fillsEverything() {
        int size = draws.size;
        float[] array = new float[size + 2 * MARGIN];
        Arrays.fill(array, Float.NaN);
        draws.initializer.fill(Tensor.wrap(array, MARGIN, draws.shape), draws.fans, draws.key());
        int left = 0;
        int beside = 0;
        int unlike = 0;
        for (int i = 0; i < array.length; i++) {
            if (i < MARGIN || i >= MARGIN + size) {
                beside += Float.isNaN(array[i]) ? 0 : 1;
            } else {
                left += Float.isNaN(array[i]) ? 1 : 0;
                unlike += draws.differs(array[i], i - MARGIN) ? 1 : 0;
            }
        }
        findings.judge(
                Property.FILLS_EVERYTHING,
                left == 0 && beside == 0 && unlike == 0,
                "all of " + size + " elements of a view written, none beside it",
                left + " left out, " + beside + " written beside it, " + unlike + " unlike a whole tensor's",
                "none",
                beside > 0 || unlike > left
                        ? "the view's offset() is not added to an index into array()"
                        : "a loop ends early, or a last row or block is forgotten");
    }

    private void sameKeySameBits() {
        boolean same = draws.isFirst(draws.filled(7, draws.key()));
        findings.judge(
                Property.SAME_KEY_SAME_BITS,
                same,
                "the same bits twice",
                same ? "the same" : "others",
                "no difference",
                "values depend on what the tensor held before, on the clock, or on randomness that is not the key's");
    }

    private void orderIndependence() {
        Fans others = new Fans(draws.fans.out(), draws.fans.in());
        Key key = draws.key().child("other");
        try {
            draws.initializer.fill(Tensor.zeros(draws.shape), others, key);
        } catch (IllegalArgumentException e) { // such as fans that the shape does not have: it may refuse those
            draws.initializer.fill(Tensor.zeros(draws.shape), draws.fans, key);
        }
        boolean same = draws.isFirst(draws.with(draws.key()));
        findings.judge(
                Property.ORDER_INDEPENDENCE,
                same,
                "the same bits after another fill",
                same ? "the same" : "others",
                "no difference",
                "the initializer keeps a state from one fill to the next");
    }
}
