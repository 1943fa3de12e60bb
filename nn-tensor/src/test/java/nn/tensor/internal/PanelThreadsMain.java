package nn.tensor.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import nn.tensor.ColumnPanels;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Multiplies by panels in several threads at a time, and prints how many products had the right bits. */
final class PanelThreadsMain {
    static final int THREADS = 3;
    static final int PRODUCTS = 3000;

    private PanelThreadsMain() {}

    public static void main(String[] args) throws InterruptedException {
        Tensor x = Tensor.zeros(3, 3000);
        Tensor matrix = Tensor.zeros(3000, 1000);
        Key.of(1).uniform(x, -1f, 1f);
        Key.of(2).uniform(matrix, -1f, 1f);
        ColumnPanels panels = ColumnPanels.of(matrix);
        Tensor expected = x.matmul(matrix);
        AtomicInteger right = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                Tensor y = Tensor.zeros(3, 1000);
                for (int i = 0; i < PRODUCTS; i++) {
                    y.fill(0f);
                    panels.productInto(x, y, i % 2 == 0);
                    right.addAndGet(y.bitEquals(expected) ? 1 : 0);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("right: " + right);
    }
}
