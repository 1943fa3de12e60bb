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
 * <p>{@code --workers} lists several runs, separated by commas. {@code local} is one without Spark, on the threads of
 * this process; {@code 2+3} is one that 2 workers train halfway, and 3 to the end. Each line of the output has a run,
 * the SHA-256 of weights, optimizer state and history, and what it took.
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
     * @param bits the SHA-256 of weights, optimizer state and history
     * @param steps in this run
     * @param seconds of training
     * @param bytes sent in training
     * @param attempt how many stages have failed before
     */
    record Result(String bits, long steps, double seconds, long bytes, int attempt) implements Serializable {}

    /** Trains, and prints a line for each run. */
    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.of(args);
        Settings settings = new Settings(
                Training.valueOf(arguments.text("training", "dropout").toUpperCase(Locale.ROOT)),
                arguments.number("shards", 8),
                arguments.number("epochs", 5),
                arguments.number("batch", 64),
                arguments.number("every", 0));
        Path folder = arguments.has("folder")
                ? Path.of(arguments.text("folder", ""))
                : Files.createTempDirectory("fit"); // of this machine
        String workers = arguments.text("workers", "2");
        SparkConf conf = new SparkConf().setAppName("nn fit").setIfMissing("spark.master", "local[*]");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            String[] runs = workers.split(",");
            for (int i = 0; i < runs.length; i++) {
                Path own = Files.createDirectories(runs.length == 1 ? folder : folder.resolve("run" + i));
                String[] legs = runs[i].split("\\+");
                Result result = null;
                for (int leg = 0; leg < legs.length; leg++) {
                    long last = leg == legs.length - 1 ? Long.MAX_VALUE : settings.steps() * (leg + 1) / legs.length;
                    result = legs[leg].equals("local")
                            ? local(settings, own, last)
                            : onSpark(spark, settings, own.toString(), last, Integer.parseInt(legs[leg]));
                }
                System.out.printf(
                        Locale.ROOT,
                        "fit %s %s: %s, %d steps in %.2f s, %d bytes sent, attempt %d%n",
                        settings.training().name().toLowerCase(Locale.ROOT),
                        runs[i],
                        result.bits(),
                        result.steps(),
                        result.seconds(),
                        result.bytes(),
                        result.attempt());
            }
        }
    }

    private static Result local(Settings settings, Path folder, long last) {
        Trainer trainer = settings.training().trainer(Shards.of(settings.shards()));
        Progress progress = new Progress(folder, trainer, settings.every());
        progress.load();
        return train(settings, trainer, progress, last, 0);
    }

    private static Result train(Settings settings, Trainer trainer, Progress progress, long last, int attempt) {
        long before = trainer.steps();
        long start = System.nanoTime();
        progress.train(settings.training().batches(settings.batch()), settings.epochs(), last);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Result(progress.bits(), trainer.steps() - before, seconds, 0, attempt);
    }

    /** Trains in a barrier stage, again while executors are lost, and returns what all members have found. */
    private static Result onSpark(JavaSparkContext spark, Settings settings, String folder, long last, int workers)
            throws IOException {
        for (int attempt = 0; ; attempt++) {
            try {
                return stage(spark, settings, folder, last, workers, attempt);
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
        return new Result(first.bits(), first.steps(), first.seconds(), bytes, attempt);
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
            Progress progress = new Progress(folder, trainer, rank == 0 ? settings.every() : Progress.NEVER);
            progress.load();
            group.connect(trainer, rank, members);
            long before = group.bytesSent();
            try {
                Result result = train(settings, trainer, progress, last, attempt);
                return new Result(
                        result.bits(), result.steps(), result.seconds(), group.bytesSent() - before, result.attempt());
            } catch (LostMemberException e) {
                progress.save(); // so that the next attempt repeats no step but this one
                throw e;
            }
        }
    }
}
