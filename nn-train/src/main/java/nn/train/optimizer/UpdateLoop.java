package nn.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.tensor.ParallelLoop;
import nn.tensor.Tensor;

/**
 * Updates several parameters in one loop on all threads. Rules that treat every element alike ({@link ElementRule})
 * wait for {@link #run}; all others are applied when they are added. The result has the bits of {@link
 * UpdateRule#apply} of each rule. To hand a loop over to another thread takes a microsecond, and the caller waits at
 * its end, so one loop for two matrices of 256 x 512 takes less time than one for each.
 *
 * <p>Every thread gets the same share of each large parameter, which is mostly the share that it had in the products
 * before, and may still be in its cache. For one thread at a time.
 */
public final class UpdateLoop {
    /** Parts of the loop consist of whole slices; a parameter has that many. */
    private static final int SLICES = 1 << 16;

    /** Parameters of fewer elements, such as biases, are not cut: half of one is updated before it reaches a core. */
    private static final int FEW = 1 << 12;

    /** Multiply-adds that take as long as the update of an element. */
    private static final double WORK = 16;

    private final ParallelLoop.Body part = this::updatePart; // a field, so that no step makes an object
    private final List<ElementRule> rules = new ArrayList<>(); // that wait
    private long elements; // that are shared out

    /** A loop in which no rule waits. */
    public UpdateLoop() {}

    /** Forgets rules that wait, such as those of a step that has failed. */
    public void begin() {
        rules.clear();
        elements = 0;
    }

    /**
     * Adds a rule; applies it now if it is no {@link ElementRule}.
     *
     * @param rule each once between two runs
     * @param gradient the gradient of its parameter, of the parameter's shape; not changed; it must stay as it is until
     *     {@link #run}
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1
     * @throws nn.tensor.ShapeException if the gradient has another shape
     */
    public void add(UpdateRule rule, Tensor gradient, double rate, long step) {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(gradient, "gradient");
        if (rule instanceof ElementRule each) {
            each.begin(gradient, rate, step);
            rules.add(each);
            elements += each.size() < FEW ? 0 : each.size();
        } else {
            rule.apply(gradient, rate, step);
        }
    }

    /** Updates the parameters of the rules that wait. */
    public void run() {
        ParallelLoop.run(SLICES, WORK * elements / SLICES, part);
        for (int i = 0; i < rules.size(); i++) {
            rules.get(i).end();
        }
        begin();
    }

    private void updatePart(int from, int to) {
        for (int i = 0; i < rules.size(); i++) {
            ElementRule rule = rules.get(i);
            int begin = edge(rule.size(), from);
            int end = edge(rule.size(), to);
            if (begin < end) {
                rule.updatePart(begin, end);
            }
        }
    }

    private static int edge(int size, int slice) {
        return size < FEW ? (slice == 0 ? 0 : size) : (int) ((long) size * slice / SLICES);
    }
}
