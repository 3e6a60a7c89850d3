#include "base/failpoint.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "base/mutex.h"

namespace enrich::failpoint {
namespace {

enum class Action { kCrash, kError, kDelay };

// Long enough to overtake what must not be overtaken.
constexpr std::chrono::milliseconds kDelay(300);

struct Rule {
  Action action = Action::kError;
  // 0 for every time.
  int64_t only = 0;
  int64_t reached = 0;
};
using Rules = std::map<std::string, Rule, std::less<>>;

[[noreturn]] void Refuse(absl::string_view setting) {
  log::Error("ENRICH_FAILPOINTS cannot be read", {{"setting", setting}});
  std::abort();
}

Rules ParseRules(absl::string_view text) {
  Rules rules;
  for (const absl::string_view setting :
       absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(setting, absl::MaxSplits('=', 1));
    const std::pair<absl::string_view, absl::string_view> what =
        absl::StrSplit(sides.second, absl::MaxSplits('@', 1));
    Rule rule;
    if (what.first == "crash") {
      rule.action = Action::kCrash;
    } else if (what.first == "delay") {
      rule.action = Action::kDelay;
    } else if (what.first != "error") {
      Refuse(setting);
    }
    if (!what.second.empty() && !absl::SimpleAtoi(what.second, &rule.only)) {
      Refuse(setting);
    }
    rules.emplace(sides.first, rule);
  }
  return rules;
}

Rules RulesOfTheEnvironment() {
  const char* const text = std::getenv("ENRICH_FAILPOINTS");
  return ParseRules(text == nullptr ? "" : text);
}

class Registry {
 public:
  // What is to happen at the place now, if anything.
  const Rule* Hit(absl::string_view place) {
    if (rules_.empty()) return nullptr;
    MutexLock lock(&mu_);
    const auto found = rules_.find(place);
    if (found == rules_.end()) return nullptr;
    Rule& rule = found->second;
    ++rule.reached;
    return rule.only == 0 || rule.only == rule.reached ? &rule : nullptr;
  }

 private:
  Mutex mu_;
  // Whose keys and actions never change.
  Rules rules_ = RulesOfTheEnvironment();
};

}  // namespace

absl::Status Reach(absl::string_view place) {
  static auto& registry = *new Registry();
  const Rule* const rule = registry.Hit(place);
  if (rule == nullptr) return absl::OkStatus();
  log::Warning("failpoint", {{"place", place}});
  switch (rule->action) {
    case Action::kCrash:
      kill(getpid(), SIGKILL);
      pause();
      break;
    case Action::kError:
      return absl::UnavailableError(absl::StrCat("failpoint ", place));
    case Action::kDelay:
      std::this_thread::sleep_for(kDelay);
      break;
  }
  return absl::OkStatus();
}

}  // namespace enrich::failpoint
