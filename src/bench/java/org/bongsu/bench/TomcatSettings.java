package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What {@code server-config/tomcat} recommends, so that the benchmark measures what administrators are told to use.
 *
 * @param settings as {@link PortalProcess} takes them
 * @param jvm options that {@code setenv.sh} adds
 */
record TomcatSettings(List<String> settings, List<String> jvm) {
    /** Given by whoever starts the server. */
    private static final Set<String> OWN = Set.of("port", "protocol");

    static TomcatSettings read(Path folder) throws IOException {
        List<String> settings = new ArrayList<>();
        NamedNodeMap connector = ((Element) parse(folder.resolve("server.xml"))
                        .getElementsByTagName("Connector")
                        .item(0))
                .getAttributes();
        for (int i = 0; i < connector.getLength(); i++) {
            String name = connector.item(i).getNodeName();
            if (!OWN.contains(name)) {
                settings.add("connector." + name + "=" + connector.item(i).getNodeValue());
            }
        }
        NodeList parameters = parse(folder.resolve("context.xml")).getElementsByTagName("Parameter");
        for (int i = 0; i < parameters.getLength(); i++) {
            Element parameter = (Element) parameters.item(i);
            settings.add("context." + parameter.getAttribute("name") + "=" + parameter.getAttribute("value"));
        }
        List<String> jvm = new ArrayList<>();
        Matcher option = Pattern.compile("-D[\\w.]+=\\w+|-XX:([+-]\\w+|\\w+=\\w+)")
                .matcher(Files.readString(folder.resolve("setenv.sh")));
        while (option.find()) jvm.add(option.group());
        return new TomcatSettings(settings, jvm);
    }

    private static Document parse(Path file) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(file.toString(), e);
        }
    }
}
