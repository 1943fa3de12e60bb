package nn.tensor.internal;

import java.io.File;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/**
 * Loads this library by a class loader of its own, as an application server does, computes on all threads, drops the
 * loader and waits until it is collected. Run in a child JVM.
 */
final class DroppedClassesMain {
    private static final int PATIENCE_SECONDS = 120;

    private DroppedClassesMain() {}

    public static void main(String[] args) throws Exception {
        WeakReference<ClassLoader> loader = useAndDrop();
        for (int wait = 0; wait < 10 * PATIENCE_SECONDS && loader.get() != null; wait++) {
            System.gc();
            Thread.sleep(100);
        }
        boolean workers = Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().startsWith("nn-w"));
        System.out.println(loader.get() != null ? "held" : workers ? "collected, threads alive" : "collected");
    }

    private static WeakReference<ClassLoader> useAndDrop() throws Exception {
        URL classes = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0])
                .toUri()
                .toURL();
        URLClassLoader loader = new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
        ClassLoader held = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        Class<?> type = loader.loadClass("nn.tensor.Tensor");
        Object x = type.getMethod("full", float.class, int[].class).invoke(null, 1f, new int[] {400, 400});
        Method product = type.getMethod("matmul", type);
        for (int i = 0; i < 20; i++) {
            product.invoke(x, x);
            type.getMethod("tanh").invoke(x);
            type.getMethod("norm").invoke(x);
        }
        boolean worked = Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().equals("nn-worker-1"));
        System.out.println(worked ? "worker at work" : "no worker");
        Thread.currentThread().setContextClassLoader(held);
        loader.close();
        return new WeakReference<>(loader);
    }
}
