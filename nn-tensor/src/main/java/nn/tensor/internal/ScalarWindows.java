package nn.tensor.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Products of windows in plain Java. */
final class ScalarWindows implements WindowKernels {
    @Override
    public void product(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        int run = w.run();
        for (int i = 0; i < count; i++) {
            int ci = co + w.to()[i];
            ScalarMatmul.begin(n, row, ro, c, ci);
            for (int q = 0; q < w.taps().length; q++) {
                int aq = ao + w.at()[i] + w.taps()[q];
                ScalarMatmul.addRow(n, run, a, aq, 1, b, bo + q * run * bs, bs, c, ci);
            }
        }
    }

    @Override
    public void outer(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            boolean first,
            float[] c,
            int co,
            int cs) {
        for (int row = 0; row < w.size() && first; row++) {
            Arrays.fill(c, co + row * cs, co + row * cs + n, 0f);
        }
        for (int i = 0; i < count; i++) {
            int bi = bo + i * bs;
            for (int q = 0; q < w.taps().length; q++) {
                int aq = ao + w.at()[i] + w.taps()[q];
                for (int p = 0; p < w.run(); p++) {
                    addTimes(n, a[aq + p], b, bi, c, co + (q * w.run() + p) * cs);
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
    public void scatter(
            WindowRows w,
            int columns,
            int count,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            float[] c,
            int co) {
        int size = w.size();
        for (int i = 0; i < count; i++) {
            for (int q = 0; q < w.taps().length; q++) {
                int ci = co + w.at()[i] + w.taps()[q];
                ScalarMatmul.addRow(w.run(), k, a, ao + i * as, 1, b, bo + q * w.run(), size, c, ci);
            }
        }
    }

    @Override
    public void depthwise(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        depthwise(w, 0, count, 0, n, a, ao, b, bo, row, ro, c, co);
    }

    /** {@link WindowKernels#depthwise} of the windows and channels from a first one on. */
    static void depthwise(
            WindowRows w,
            int from,
            int count,
            int channel,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        int channels = n - channel;
        for (int i = from; i < count && channels > 0; i++) {
            int ci = co + w.to()[i] + channel;
            ScalarMatmul.begin(channels, row, ro + channel, c, ci);
            for (int q = 0; q < w.taps().length; q++) {
                addProducts(channels, a, ao + w.at()[i] + w.taps()[q] + channel, b, bo + q * n + channel, c, ci);
            }
        }
    }

    @Override
    public void max(
            int count,
            int n,
            int step,
            int[] taps,
            int[] tapPlaces,
            float[] a,
            int ao,
            int place,
            int apart,
            float[] c,
            int co,
            int[] places,
            int po) {
        for (int i = 0; i < count; i++) {
            max(0, n, taps, tapPlaces, a, ao + i * step, place + i * apart, c, co + i * n, places, po + i * n);
        }
    }

    /** The largest elements of one window, in the channels from a first one on. */
    static void max(
            int channel,
            int n,
            int[] taps,
            int[] tapPlaces,
            float[] a,
            int ao,
            int place,
            float[] c,
            int co,
            int[] places,
            int po) {
        for (int j = channel; j < n; j++) {
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

    @Override
    public void depthwiseOuter(
            WindowRows w, int count, int n, float[] a, int ao, float[] b, int bo, boolean first, float[] c, int co) {
        depthwiseOuter(w, count, 0, n, a, ao, b, bo, first, c, co);
    }

    /** {@link WindowKernels#depthwiseOuter} of the channels from a first one on. */
    static void depthwiseOuter(
            WindowRows w,
            int count,
            int channel,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            boolean first,
            float[] c,
            int co) {
        int channels = n - channel;
        for (int q = 0; q < w.taps().length && channels > 0; q++) {
            int cq = co + q * n + channel;
            if (first) {
                Arrays.fill(c, cq, cq + channels, 0f);
            }
            for (int i = 0; i < count; i++) {
                int ai = ao + w.at()[i] + w.taps()[q] + channel;
                addProducts(channels, a, ai, b, bo + i * n + channel, c, cq);
            }
        }
    }

    private static void addProducts(int n, float[] a, int ao, float[] b, int bo, float[] c, int co) {
        for (int j = 0; j < n; j++) {
            c[co + j] = Fused.fma(a[ao + j], b[bo + j], c[co + j]);
        }
    }
}
