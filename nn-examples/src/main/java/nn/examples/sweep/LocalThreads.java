package nn.examples.sweep;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Runs trials on threads of this process, each the next one that nobody has begun.
 *
 * @param workers the number of threads, 1 or more
 */
public record LocalThreads(int workers) implements TrialExecutor {
    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public LocalThreads {
        if (workers < 1) {
            throw new IllegalArgumentException(workers + " workers; give at least 1");
        }
    }

    @Override
    public void run(Recipe recipe, List<Trial> trials, Sink sink) throws IOException {
        TrialRunner runner = new TrialRunner(recipe);
        AtomicInteger next = new AtomicInteger();
        Object lock = new Object();
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Future<Void>> threads = Stream.generate(() -> pool.<Void>submit(() -> {
                        try {
                            for (int i = next.getAndIncrement(); i < trials.size(); i = next.getAndIncrement()) {
                                Outcome outcome = runner.run(trials.get(i));
                                synchronized (lock) {
                                    sink.accept(trials.get(i), outcome);
                                }
                            }
                        } finally {
                            next.set(trials.size()); // after a failure, nobody begins another trial
                        }
                        return null;
                    }))
                    .limit(workers)
                    .toList();
            for (Future<Void> thread : threads) {
                await(thread);
            }
        }
    }

    private static void await(Future<Void> thread) throws IOException {
        try {
            thread.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the sweep was interrupted; run it again to finish the other trials", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
