package nn.examples;

import java.util.List;
import nn.examples.museum.Exhibit;
import nn.examples.museum.Museum;
import nn.examples.report.Paragraph;

/** Shows mistakes of initialization that other libraries made, and what is said of each. */
final class MuseumTour extends Example {
    MuseumTour() {
        super("museum", "mistakes of other libraries, rebuilt, and what names them", Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        long seed = arguments.seed();
        List<Exhibit> exhibits = Museum.exhibits();
        int wrong = 0;
        for (int i = 0; i < exhibits.size(); i++) {
            Exhibit exhibit = exhibits.get(i);
            List<String> said = exhibit.broken().apply(seed);
            List<String> repaired = exhibit.repaired().apply(seed);
            terminal.print(Paragraph.of((i + 1) + ". ", exhibit.name()));
            exhibit.addresses().forEach(address -> terminal.line("   %s", address));
            terminal.print(Paragraph.of("   ", exhibit.story()));
            terminal.print(
                    said.isEmpty()
                            ? "   NOT NAMED by " + exhibit.finder() + "\n"
                            : Paragraph.of("   > ", said.getFirst()));
            for (String alarm : repaired) {
                terminal.print(Paragraph.of("   THE REPAIRED ONE IS BLAMED: ", alarm));
            }
            terminal.line("");
            wrong += said.isEmpty() || !repaired.isEmpty() ? 1 : 0;
        }
        terminal.line(
                "%d of %d mistakes are named, and nothing is said of their repairs.",
                exhibits.size() - wrong, exhibits.size());
        return wrong == 0 ? 0 : 1;
    }
}
