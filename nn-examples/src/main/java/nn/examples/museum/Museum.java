package nn.examples.museum;

import java.util.ArrayList;
import java.util.List;
import nn.examples.report.Paragraph;

/** All {@linkplain Exhibit exhibits}. */
public final class Museum {
    private Museum() {}

    /**
     * The section of the page {@code nn-init/MUSEUM.md} about one exhibit.
     *
     * @param number its place, from 1
     * @param exhibit the exhibit
     * @param sentence names the mistake
     * @return Markdown
     */
    public static String section(int number, Exhibit exhibit, String sentence) {
        List<String> links = new ArrayList<>();
        for (int i = 0; i < exhibit.sources().size(); i++) {
            links.add(
                    "[" + exhibit.sources().get(i) + "](" + exhibit.addresses().get(i) + ")");
        }
        return "### " + number + ". " + exhibit.name() + "\n\n" + exhibit.story() + " Source: "
                + String.join(", ", links)
                + ".\n\n`" + exhibit.finder() + "`:\n\n```\n" + Paragraph.of("", sentence)
                + "```\n";
    }

    /**
     * Returns the exhibits, those of single initializers first.
     *
     * @return in the order of the page {@code nn-init/MUSEUM.md}
     */
    public static List<Exhibit> exhibits() {
        List<Exhibit> all = new ArrayList<>(Schemes.all());
        all.addAll(Models.all());
        return List.copyOf(all);
    }
}
