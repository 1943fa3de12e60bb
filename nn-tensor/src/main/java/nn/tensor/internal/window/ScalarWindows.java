package nn.tensor.internal.window;

import java.util.Arrays;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.product.ScalarMatmul;
import org.jspecify.annotations.Nullable;

/** Kernels on windows in plain Java. */
public final class ScalarWindows implements WindowKernels {
    @Override
    public void product(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        int run = w.run();
        for (int i = 0; i < p.count; i++) {
            int ci = p.co + w.to()[i];
            ScalarMatmul.begin(p.n, row, p.ro, c, ci);
            for (int q = 0; q < w.taps().length; q++) {
                int aq = p.ao + w.at()[i] + w.taps()[q];
                ScalarMatmul.addRow(p.n, run, a, aq, 1, b, p.bo + q * run * p.bs, p.bs, c, ci);
            }
        }
    }

    @Override
    public void outer(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        int n = p.n;
        int cs = p.cs;
        for (int row = 0; row < w.size() && p.first; row++) {
            Arrays.fill(c, p.co + row * cs, p.co + row * cs + n, 0f);
        }
        for (int i = 0; i < p.count; i++) {
            int bi = p.bo + i * p.bs;
            for (int q = 0; q < w.taps().length; q++) {
                int aq = p.ao + w.at()[i] + w.taps()[q];
                for (int e = 0; e < w.run(); e++) {
                    addTimes(n, a[aq + e], b, bi, c, p.co + (q * w.run() + e) * cs);
                }
            }
        }
    }

    private static void addTimes(int n, float x, float[] b, int bo, float[] c, int co) {
        for (int j = 0; j < n; j++) {
            c[co + j] = Fused.fma(x, b[bo + j], c[co + j]);
        }
    }

    @Override
    public void scatter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        int size = w.size();
        for (int i = 0; i < p.count; i++) {
            for (int q = 0; q < w.taps().length; q++) {
                int ci = p.co + w.at()[i] + w.taps()[q];
                ScalarMatmul.addRow(w.run(), p.k, a, p.ao + i * p.as, 1, b, p.bo + q * w.run(), size, c, ci);
            }
        }
    }

    @Override
    public void depthwise(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        depthwise(p, w, 0, a, b, row, c);
    }

    /** {@link WindowKernels#depthwise} of the channels from a first one on. */
    static void depthwise(
            WindowProduct p, WindowRows w, int channel, float[] a, float[] b, float @Nullable [] row, float[] c) {
        int n = p.n;
        int channels = n - channel;
        for (int i = 0; i < p.count && channels > 0; i++) {
            int ci = p.co + w.to()[i] + channel;
            ScalarMatmul.begin(channels, row, p.ro + channel, c, ci);
            for (int q = 0; q < w.taps().length; q++) {
                int aq = p.ao + w.at()[i] + w.taps()[q] + channel;
                addProducts(channels, a, aq, b, p.bo + q * n + channel, c, ci);
            }
        }
    }

    @Override
    public void depthwiseOuter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        depthwiseOuter(p, w, 0, a, b, c);
    }

    /** {@link WindowKernels#depthwiseOuter} of the channels from a first one on. */
    static void depthwiseOuter(WindowProduct p, WindowRows w, int channel, float[] a, float[] b, float[] c) {
        int n = p.n;
        int channels = n - channel;
        for (int q = 0; q < w.taps().length && channels > 0; q++) {
            int cq = p.co + q * n + channel;
            if (p.first) {
                Arrays.fill(c, cq, cq + channels, 0f);
            }
            for (int i = 0; i < p.count; i++) {
                int ai = p.ao + w.at()[i] + w.taps()[q] + channel;
                addProducts(channels, a, ai, b, p.bo + i * n + channel, c, cq);
            }
        }
    }

    private static void addProducts(int n, float[] a, int ao, float[] b, int bo, float[] c, int co) {
        for (int j = 0; j < n; j++) {
            c[co + j] = Fused.fma(a[ao + j], b[bo + j], c[co + j]);
        }
    }

    @Override
    public void max(PoolWindows w, int count, float[] a, int ao, int place, float[] c, int co, int[] places, int po) {
        for (int i = 0; i < count; i++) {
            largest(w, 0, a, ao + i * w.step(), place + i * w.apart(), c, co + i * w.n(), places, po + i * w.n());
        }
    }

    /** The largest elements of one window, in the channels from a first one on. */
    static void largest(
            PoolWindows w, int channel, float[] a, int ao, int place, float[] c, int co, int[] places, int po) {
        int[] taps = w.taps();
        int[] tapPlaces = w.tapPlaces();
        for (int j = channel; j < w.n(); j++) {
            float most = a[ao + taps[0] + j];
            int at = tapPlaces[0];
            for (int q = 1; q < taps.length; q++) {
                float value = a[ao + taps[q] + j];
                if (value > most || Float.isNaN(value)) {
                    most = value;
                    at = tapPlaces[q];
                }
            }
            c[co + j] = most;
            places[po + j] = place + at;
        }
    }
}
