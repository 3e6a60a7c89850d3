#include "cli/completion.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace enrich::cli {
namespace {

struct Level {
  // The command, such as "batch get"; empty for enrichctl itself.
  std::string path = {};
  std::vector<std::string> words = {};
};

std::vector<std::string> FlagsOf(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags.push_back(absl::StrCat("--", name));
    }
  }
  return flags;
}

void Collect(const CLI::App& app, const std::string& path,
             const std::vector<std::string>& inherited,
             std::vector<Level>& levels) {
  Level level{.path = path, .words = FlagsOf(app)};
  level.words.insert(level.words.end(), inherited.begin(), inherited.end());
  const auto commands =
      app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) {
    level.words.push_back(command->get_name());
  }
  levels.push_back(level);
  for (const CLI::App* command : commands) {
    Collect(*command,
            absl::StrCat(path, path.empty() ? "" : " ", command->get_name()),
            path.empty() ? FlagsOf(app) : inherited, levels);
  }
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  std::vector<Level> levels;
  Collect(app, "", {}, levels);
  std::vector<std::string> paths;
  std::string cases;
  for (const Level& level : levels) {
    absl::StrAppend(&cases, "    \"", level.path,
                    "\") COMPREPLY=($(compgen -W \"",
                    absl::StrJoin(level.words, " "), "\" -- \"$cur\")) ;;\n");
    if (!level.path.empty()) {
      paths.push_back(absl::StrCat("\"", level.path, "\""));
    }
  }
  return absl::StrCat(
      "# bash completion for enrichctl\n"
      "_enrichctl() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} path= word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"${path:+$path }$word\" in\n"
      "      ",
      absl::StrJoin(paths, "|"),
      ") path=\"${path:+$path }$word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path\" in\n",
      cases,
      "  esac\n"
      "}\n"
      "complete -o default -F _enrichctl enrichctl\n");
}

}  // namespace enrich::cli
