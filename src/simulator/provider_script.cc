#include "simulator/provider_script.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "simulator/url_text.h"

namespace enrich::simulator {

bool IsPathOf(const rest::RequestPlan& request, absl::string_view path) {
  // What stands before, between and after the placeholders.
  std::vector<std::string> literals(1);
  for (const auto& part : request.url.parts) {
    if (const auto* text = std::get_if<std::string>(&part)) {
      absl::StrAppend(&literals.back(), *text);
    } else {
      literals.emplace_back();
    }
  }
  literals.front() = PathIn(literals.front());
  if (!absl::ConsumePrefix(&path, literals.front())) return false;
  for (size_t i = 1; i < literals.size(); ++i) {
    // A placeholder stands for something, within its segment.
    const size_t at = i + 1 == literals.size() && literals[i].empty()
                          ? path.size()
                          : path.find(literals[i]);
    if (at == absl::string_view::npos || at == 0) return false;
    if (absl::StrContains(path.substr(0, at), '/')) return false;
    path.remove_prefix(at + literals[i].size());
  }
  return path.empty();
}

const PlayedAnswer* PlayedVariant::Best(
    const std::vector<PlayedAnswer>& answers) {
  const auto shown = [](const PlayedAnswer& answer) {
    std::set<Findings> all;
    for (const auto& [contact, found] : answer.findings) all.insert(found);
    return all.size();
  };
  const auto best = std::max_element(
      answers.begin(), answers.end(),
      [&](const auto& a, const auto& b) { return shown(a) < shown(b); });
  return best == answers.end() ? nullptr : &*best;
}

bool PlayedVariant::JobGives(const Findings& wanted) const {
  const auto gives = [&wanted](const std::vector<PlayedAnswer>& answers) {
    return answers.empty() ||
           std::any_of(answers.begin(), answers.end(), [&](const auto& answer) {
             return !answer.With(wanted).empty();
           });
  };
  return plan->submit.has_job() && gives(finished) && gives(pushes);
}

const PlayedStep* ProviderScript::Rejection(absl::string_view operation,
                                            const std::string& reason) const {
  const auto errors = operation_errors_.find(std::string(operation));
  if (errors != operation_errors_.end()) {
    const auto own = errors->second.rejected.find(reason);
    if (own != errors->second.rejected.end()) return own->second;
  }
  const auto any = errors_.rejected.find(reason);
  return any == errors_.rejected.end() ? nullptr : any->second;
}

const PlayedStep* ProviderScript::Drift(absl::string_view operation,
                                        PlayedStep::Kind kind) const {
  for (const auto& fixture : fixtures_) {
    if (fixture->operation != operation) continue;
    for (const PlayedStep& step : fixture->steps) {
      if (step.kind == kind && step.expect.drift && step.expect.items.empty()) {
        return &step;
      }
    }
  }
  return nullptr;
}

}  // namespace enrich::simulator
