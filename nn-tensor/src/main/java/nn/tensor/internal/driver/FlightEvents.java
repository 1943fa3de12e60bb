package nn.tensor.internal.driver;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * Events of kernels for the Flight Recorder of the JDK. Its module may be missing, as in a small linked image: then no
 * class of it is loaded.
 */
final class FlightEvents {
    private static final boolean IS_THERE = ModuleLayer.boot()
            .findModule("jdk.jfr")
            .map(FlightEvents.class.getModule()::canRead)
            .orElse(false);

    private FlightEvents() {}

    /** Returns whether products are recorded now. To register the event takes long, so it waits for the recorder. */
    static boolean ofProducts() {
        return IS_THERE && FlightRecorder.isInitialized() && ProductEvent.TYPE.isEnabled();
    }

    /** A product of matrices. */
    @Name("nn.Product")
    @Label("Matrix Product")
    @Category("nn")
    @Description("A product of matrices, [rows x inner] times [inner x columns], of a layer or of a program")
    @StackTrace(false)
    @Enabled(false)
    static final class ProductEvent extends Event {
        static final EventType TYPE = EventType.getEventType(ProductEvent.class);

        @Label("Rows")
        int rows;

        @Label("Columns")
        int columns;

        @Label("Inner Size")
        int inner;
    }
}
