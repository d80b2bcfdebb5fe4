package org.bongsu.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.bongsu.access.Caller.Role;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;

/**
 * Who may read and publish what. Written as {@code read ** user; publish chat/** user; publish ** publisher,admin}: an
 * action, a topic or pattern, and who: roles ({@code user}, {@code publisher}, {@code admin}) or people
 * ({@code user:alice}). What no rule allows is forbidden.
 *
 * <p>An inbox is read by its owner alone; no rule changes that.
 */
public final class Rules {
    /** What the contract promises where nothing else is set. */
    public static final String DEFAULT = "read ** user,admin; publish chat/** user; publish ** publisher,admin";

    /** What a rule looks like, for complaints. */
    public static final String SHAPE =
            "rules separated by semicolons, each of them: read or publish, a topic or pattern, "
                    + "and who, separated by commas: user, publisher, admin or user:NAME";

    /** More people than an office has; when there are more, all are forgotten and made anew as they come. */
    private static final int MOST_STANDINGS = 10_000;

    private final List<Rule> rules;

    /** By name. Asked for at every request, and the same until a person gets other roles. */
    private final ConcurrentMap<String, Standing> standings = new ConcurrentHashMap<>();

    private enum Action {
        READ,
        PUBLISH
    }

    private record Rule(Action action, TopicPattern pattern, Set<Role> roles, Set<String> names) {
        boolean concerns(String name, Set<Role> callersRoles) {
            return names.contains(name.toLowerCase(Locale.ROOT))
                    || roles.stream().anyMatch(callersRoles::contains);
        }
    }

    private Rules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** @throws IllegalArgumentException naming the rule that is wrong and what is wrong with it */
    public static Rules parse(String text) {
        List<Rule> rules = new ArrayList<>();
        for (String part : text.split("[;\n]", -1)) {
            if (!part.isBlank()) rules.add(rule(part.strip()));
        }
        return new Rules(rules);
    }

    private static Rule rule(String text) {
        String[] words = text.split("\\s+", 3);
        if (words.length < 3) throw new IllegalArgumentException(wrong(text, "it needs three parts"));
        Action action =
                switch (words[0]) {
                    case "read" -> Action.READ;
                    case "publish" -> Action.PUBLISH;
                    default ->
                        throw new IllegalArgumentException(
                                wrong(text, '"' + words[0] + "\" is neither read nor publish"));
                };
        TopicPattern pattern;
        try {
            pattern = new TopicPattern(words[1]);
        } catch (InvalidInputException e) {
            throw new IllegalArgumentException(wrong(text, String.valueOf(e.getMessage())));
        }
        Set<Role> roles = new TreeSet<>();
        Set<String> names = new TreeSet<>();
        for (String who : words[2].split(",", -1)) {
            who = who.strip();
            switch (who) {
                case "user" -> roles.add(Role.USER);
                case "publisher" -> roles.add(Role.PUBLISHER);
                case "admin" -> roles.add(Role.ADMIN);
                case "anonymous" ->
                    throw new IllegalArgumentException(
                            wrong(text, "anonymous reading and publishing are not built yet"));
                default -> {
                    if (!who.startsWith("user:") || who.length() == 5) {
                        throw new IllegalArgumentException(wrong(text, '"' + who + "\" is nobody"));
                    }
                    names.add(who.substring(5).toLowerCase(Locale.ROOT));
                }
            }
        }
        return new Rule(action, pattern, roles, names);
    }

    private static String wrong(String rule, String what) {
        return "in the rule \"" + rule + "\": " + what;
    }

    /**
     * What these rules come to for one person.
     *
     * @param inbox the person's own
     * @param readable what the person may read
     * @param publishable what the person may publish to
     */
    record Standing(Set<Role> roles, Topic inbox, Grants readable, Grants publishable) {}

    /** Any thread. */
    Standing standing(String name, Set<Role> roles) {
        Standing known = standings.get(name);
        if (known != null && known.roles.equals(roles)) return known;
        Topic inbox = Topic.inboxOf(name);
        Standing made = new Standing(
                Set.copyOf(roles),
                inbox,
                new Grants(patterns(Action.READ, name, roles), false, inbox),
                new Grants(patterns(Action.PUBLISH, name, roles), true, null));
        if (standings.size() >= MOST_STANDINGS) standings.clear();
        standings.put(name, made);
        return made;
    }

    private Set<TopicPattern> patterns(Action action, String name, Set<Role> roles) {
        return rules.stream()
                .filter(rule -> rule.action == action && rule.concerns(name, roles))
                .map(Rule::pattern)
                .collect(Collectors.toSet());
    }
}
