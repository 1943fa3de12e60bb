package spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import nn.train.Trainer;
import nn.train.group.LostMemberException;
import nn.train.group.ShardGroup;
import nn.train.shard.Shards;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Trains one network on several executors of Spark, with the bits of one process:
 *
 * <pre>
 * spark.Fit --training=dropout --workers=4 --shards=8 --epochs=5 --batch=64 --folder=FOLDER --every=100
 * </pre>
 *
 * <p>The training is a barrier stage. Spark starts its tasks at a time and carries their addresses; sums of gradients
 * go from executor to executor over sockets of {@link ShardGroup}. If an executor is lost, the tasks of the others keep
 * their state in the folder and fail, and the driver starts another stage, which resumes at the step that was lost.
 * Another run with the same folder may have another number of workers. All executors must see the folder.
 *
 * <p>{@code --training} and {@code --workers} list several, separated by commas: every training runs with every number
 * of workers. {@code local} is a run without Spark, on the threads of this process; {@code 2+3} is one that 2 workers
 * train halfway, and 3 to the end; {@code 3/2} one that 3 workers train until an executor is lost, and 2 from there on.
 * Each line of the output has a run, the SHA-256 of weights, optimizer state, counters and history, and what the last
 * workers did.
 */
public final class Fit {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_ATTEMPTS = 4;

    private Fit() {}

    /**
     * What all members have in common.
     *
     * @param training the network and its optimizer
     * @param shards of a batch
     * @param epochs over the digits
     * @param batch digits in a batch
     * @param every how many steps, the progress is saved; 0 for after each epoch
     */
    record Settings(Training training, int shards, int epochs, int batch, int every) implements Serializable {
        /** Returns the number of steps of the whole training. */
        long steps() {
            return (long) epochs * training.batches(batch).perEpoch();
        }
    }

    /**
     * What a member has done.
     *
     * @param bits the SHA-256 of weights, optimizer state, counters and history
     * @param before the steps that were made before
     * @param steps in this run
     * @param seconds of training
     * @param bytes sent in training
     * @param attempt how many stages have failed before
     */
    record Result(String bits, long before, long steps, double seconds, long bytes, int attempt)
            implements Serializable {}

    /** Trains, and prints a line for each run. */
    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.of(args);
        Path folder = arguments.has("folder")
                ? Path.of(arguments.text("folder", ""))
                : Files.createTempDirectory("fit"); // of this machine
        String[] trainings = arguments.text("training", "dropout").split(",");
        String[] runs = arguments.text("workers", "2").split(",");
        SparkConf conf = new SparkConf().setAppName("nn fit").setIfMissing("spark.master", "local[*]");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            for (String training : trainings) {
                Settings settings = new Settings(
                        Training.valueOf(training.toUpperCase(Locale.ROOT)),
                        arguments.number("shards", 8),
                        arguments.number("epochs", 5),
                        arguments.number("batch", 64),
                        arguments.number("every", 0));
                for (int i = 0; i < runs.length; i++) {
                    Path own = trainings.length * runs.length == 1 ? folder : folder.resolve(training + i);
                    Result result = run(spark, settings, Files.createDirectories(own), runs[i]);
                    System.out.printf(
                            Locale.ROOT,
                            "fit %s %s: %s, %d steps after step %d in %.2f s, %d bytes sent, attempt %d%n",
                            training,
                            runs[i],
                            result.bits(),
                            result.steps(),
                            result.before(),
                            result.seconds(),
                            result.bytes(),
                            result.attempt());
                }
            }
        }
    }

    /** Trains by one word of {@code --workers}. */
    private static Result run(JavaSparkContext spark, Settings settings, Path folder, String workers)
            throws IOException {
        String[] legs = workers.split("\\+");
        for (int leg = 0; ; leg++) {
            boolean isLast = leg == legs.length - 1;
            long last = isLast ? Long.MAX_VALUE : settings.steps() * (leg + 1) / legs.length;
            Result result = legs[leg].equals("local")
                    ? local(settings, folder, last)
                    : onSpark(spark, settings, folder.toString(), last, legs[leg].split("/"));
            if (isLast) {
                return result;
            }
        }
    }

    private static Result local(Settings settings, Path folder, long last) {
        Trainer trainer = settings.training().trainer(Shards.of(settings.shards()));
        Progress progress = new Progress(folder, 0, trainer, settings.every());
        progress.loadState();
        progress.loadHistory();
        return train(settings, trainer, progress, last, 0);
    }

    private static Result train(Settings settings, Trainer trainer, Progress progress, long last, int attempt) {
        long before = trainer.steps();
        long start = System.nanoTime();
        progress.train(settings.training().batches(settings.batch()), settings.epochs(), last);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Result(progress.bits(), before, trainer.steps() - before, seconds, 0, attempt);
    }

    /**
     * Trains in a barrier stage, again while executors are lost, and returns what all members have found.
     *
     * @param workers how many, in the first stage and, if that is another number, in the ones that follow
     */
    private static Result onSpark(JavaSparkContext spark, Settings settings, String folder, long last, String[] workers)
            throws IOException {
        for (int attempt = 0; ; attempt++) {
            int count = Integer.parseInt(workers[Math.min(attempt, workers.length - 1)]);
            try {
                return stage(spark, settings, folder, last, count, attempt);
            } catch (Exception e) {
                if (!(e instanceof SparkException lost)) { // a checked exception that Scala does not declare
                    throw e;
                }
                if (attempt == MOST_ATTEMPTS) {
                    throw new IOException("Spark gave the training up: " + lost.getMessage(), lost);
                }
                System.err.println("attempt " + attempt + " has failed: " + lost.getMessage());
            }
        }
    }

    /** Trains in one barrier stage. (Spark does not repeat one that returns results by itself.) */
    private static Result stage(
            JavaSparkContext spark, Settings settings, String folder, long last, int workers, int attempt) {
        List<Integer> ranks = IntStream.range(0, workers).boxed().toList();
        ClassTag<Result> tag = ClassTag$.MODULE$.apply(Result.class);
        List<Result> results = JavaRDD.fromRDD(
                        spark.parallelize(new ArrayList<>(ranks), workers)
                                .rdd()
                                .barrier()
                                .mapPartitions(task(settings, folder, last, attempt), false, tag),
                        tag)
                .collect();
        if (results.stream().map(Result::bits).distinct().count() != 1) {
            throw new IllegalStateException("the members do not have the same bits: " + results);
        }
        Result first = results.getFirst();
        long bytes = results.stream().mapToLong(Result::bytes).sum();
        return new Result(first.bits(), first.before(), first.steps(), first.seconds(), bytes, attempt);
    }

    /** Returns the body of a task. Executors run it. */
    private static Function1<Iterator<Integer>, Iterator<Result>> task(
            Settings settings, String folder, long last, int attempt) {
        return (Function1<Iterator<Integer>, Iterator<Result>> & Serializable) ranks -> {
            Result result;
            try {
                result = member(settings, Path.of(folder), last, attempt, BarrierTaskContext.get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return CollectionConverters.asScala(List.of(result).iterator());
        };
    }

    private static Result member(Settings settings, Path folder, long last, int attempt, BarrierTaskContext context)
            throws IOException {
        int rank = context.partitionId();
        String address = context.getTaskInfos()[rank].address(); // with a port of Spark's
        String host = address.substring(0, address.lastIndexOf(':'));
        try (ShardGroup group = ShardGroup.listen(new InetSocketAddress(host, 0), PATIENCE)) {
            List<InetSocketAddress> members = new ArrayList<>();
            for (String one : context.allGather(host + ":" + group.address().getPort())) {
                int colon = one.lastIndexOf(':');
                members.add(new InetSocketAddress(one.substring(0, colon), Integer.parseInt(one.substring(colon + 1))));
            }
            Trainer trainer = settings.training().trainer(new Shards(settings.shards(), group));
            Progress progress = new Progress(folder, rank, trainer, rank == 0 ? settings.every() : Progress.NEVER);
            progress.loadState();
            group.connect(trainer, rank, members);
            progress.loadHistory();
            long before = group.bytesSent();
            try {
                Result result = train(settings, trainer, progress, last, attempt);
                return new Result(
                        result.bits(),
                        result.before(),
                        result.steps(),
                        result.seconds(),
                        group.bytesSent() - before,
                        result.attempt());
            } catch (LostMemberException e) {
                progress.save(); // so that the next attempt repeats no step but this one
                throw e;
            }
        }
    }
}
