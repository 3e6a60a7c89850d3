#include "adapters/rest/load_limits.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

using Form = RetryReader::Form;

constexpr std::array<std::pair<absl::string_view, Form>, 7> kForms = {{
    {"seconds", Form::kSeconds},
    {"milliseconds", Form::kMilliseconds},
    {"epoch_seconds", Form::kEpochSeconds},
    {"epoch_milliseconds", Form::kEpochMilliseconds},
    {"http_date", Form::kHttpDate},
    {"iso8601", Form::kIso8601},
    {"javascript_date", Form::kJavascriptDate},
}};

absl::Duration UnitOf(char c) {
  switch (c) {
    case 's':
      return absl::Seconds(1);
    case 'm':
      return absl::Minutes(1);
    case 'h':
      return absl::Hours(1);
    case 'd':
      return absl::Hours(24);
    default:
      return absl::ZeroDuration();
  }
}

std::vector<RateLimit> ReadRates(LoadContext& context, const YamlNode* node) {
  std::vector<RateLimit> rates;
  if (node == nullptr) return rates;
  for (const YamlNode* text : context.Texts(*node)) {
    if (const auto rate = ParseRate(text->text())) {
      rates.push_back(*rate);
    } else {
      context.Report(*text,
                     "must be a rate such as 10/s, 60/m, 1000/d or "
                     "20/2s");
    }
  }
  return rates;
}

std::string ReadHeaderName(LoadContext& context, const YamlNode& node) {
  const auto name = context.Text(node);
  if (!name.has_value()) return "";
  if (!IsHttpToken(*name)) context.Report(node, "is no name of a header");
  return *name;
}

std::optional<RetryReader> ReadReader(LoadContext& context,
                                      const YamlNode& node) {
  if (!context.CheckMap(node, {"header", "value", "as"})) return std::nullopt;
  RetryReader reader;
  const YamlNode* header = node.Find("header");
  const YamlNode* value = node.Find("value");
  if ((header == nullptr) == (value == nullptr)) {
    context.Report(node, "needs either header or value");
  }
  if (header != nullptr) reader.header = ReadHeaderName(context, *header);
  reader.value = context.ReadExpression(value);
  const YamlNode* as = context.Require(node, "as");
  if (as == nullptr) return std::nullopt;
  for (const auto& [name, form] : kForms) {
    if (as->text() != name) continue;
    reader.form = form;
    return reader;
  }
  std::vector<std::string> names;
  names.reserve(kForms.size());
  for (const auto& form : kForms) names.emplace_back(form.first);
  context.Report(*as, absl::StrCat("must be ", JoinWords(names, " or ")));
  return std::nullopt;
}

void ReadRetryAfter(LoadContext& context, const YamlNode* node, Plan& plan) {
  if (node == nullptr) {
    plan.retry_after.push_back({.header = "Retry-After"});
  } else if (!node->is_list()) {
    context.Report(*node, "must be a list of readers");
  } else {
    for (const YamlNode* child : node->children()) {
      if (auto reader = ReadReader(context, *child)) {
        plan.retry_after.push_back(*std::move(reader));
      }
    }
  }
}

void ReadRemaining(LoadContext& context, const YamlNode* node, Plan& plan) {
  if (node == nullptr) return;
  if (!node->is_list()) {
    return context.Report(*node, "must be a list of {header, reset}");
  }
  for (const YamlNode* child : node->children()) {
    if (!context.CheckMap(*child, {"header", "reset"})) continue;
    const YamlNode* header = context.Require(*child, "header");
    const YamlNode* reset = context.Require(*child, "reset");
    if (header == nullptr || reset == nullptr) continue;
    RemainingReader remaining = {.header = ReadHeaderName(context, *header)};
    if (auto reader = ReadReader(context, *reset)) {
      remaining.reset = *std::move(reader);
      plan.remaining.push_back(std::move(remaining));
    }
  }
}

}  // namespace

std::optional<RateLimit> ParseRate(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return std::nullopt;
  RateLimit rate;
  absl::string_view window = text.substr(slash + 1);
  if (!absl::SimpleAtoi(text.substr(0, slash), &rate.requests) ||
      rate.requests < 1 || window.empty()) {
    return std::nullopt;
  }
  const absl::Duration unit = UnitOf(window.back());
  window.remove_suffix(1);
  int count = 1;
  if (!window.empty() && (!absl::SimpleAtoi(window, &count) || count < 1)) {
    return std::nullopt;
  }
  rate.window = unit * count;
  if (rate.window <= absl::ZeroDuration() ||
      rate.window > absl::Hours(24) * 366) {
    return std::nullopt;
  }
  return rate;
}

void ReadLimits(LoadContext& context, const YamlNode* node, Plan& plan) {
  if (node == nullptr) return ReadRetryAfter(context, nullptr, plan);
  if (!context.CheckMap(*node,
                        {"submit", "calls", "shared", "concurrent_requests",
                         "running_contacts", "running_jobs", "pause_after_429",
                         "retry_after", "remaining"})) {
    return;
  }
  PacingSpec& pacing = plan.capabilities.pacing;
  pacing.submit_limits = ReadRates(context, node->Find("submit"));
  pacing.call_limits = ReadRates(context, node->Find("calls"));
  pacing.all_calls_share_rate = context.Flag(node->Find("shared"));
  if (pacing.all_calls_share_rate && pacing.submit_limits.empty()) {
    context.ReportKey(*node, "shared", "needs rates of submit to share");
  }
  const auto number = [&](absl::string_view key, int& out) {
    if (const YamlNode* value = node->Find(key)) {
      out = context.Number(*value, 1, 1'000'000).value_or(out);
    }
  };
  number("concurrent_requests", pacing.max_concurrent_requests);
  number("running_contacts", pacing.max_running_contacts);
  number("running_jobs", pacing.max_running_jobs);
  if (const YamlNode* pause = node->Find("pause_after_429")) {
    pacing.rate_limit_pause =
        context.Duration(*pause, absl::Milliseconds(100), absl::Hours(24))
            .value_or(pacing.rate_limit_pause);
  }
  ReadRetryAfter(context, node->Find("retry_after"), plan);
  ReadRemaining(context, node->Find("remaining"), plan);
}

}  // namespace enrich::rest
