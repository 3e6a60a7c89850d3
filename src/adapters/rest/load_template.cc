#include "adapters/rest/load_template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/account_options.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

using Use = TemplateRules::Use;

bool IsUrlText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c)) &&
           absl::string_view("\"#<>\\^`{|}").find(c) == absl::string_view::npos;
  });
}

class TemplateReader {
 public:
  TemplateReader(LoadContext& context, const YamlNode& node,
                 const TemplateRules& rules)
      : context_(context), node_(node), rules_(rules) {}

  std::optional<Template> Read(absl::string_view text) {
    while (!text.empty()) {
      const size_t open = text.find('{');
      AddLiteral(text.substr(0, open));
      if (open == absl::string_view::npos) break;
      text.remove_prefix(open + 1);
      const size_t close = text.find('}');
      if (close == absl::string_view::npos) {
        Fail("{ begins a placeholder that does not end");
        break;
      }
      AddPlaceholder(text.substr(0, close));
      text.remove_prefix(close + 1);
    }
    if (failed_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void Fail(std::string text) {
    context_.Report(node_, std::move(text));
    failed_ = true;
  }

  void AddLiteral(absl::string_view text) {
    if (rules_.use == Use::kUrl && !IsUrlText(text)) {
      return Fail(
          "must not have spaces, # or other characters that are not allowed "
          "in a URL: percent-encode them");
    }
    if (rules_.use == Use::kHeader && !IsHeaderValue(text)) {
      return Fail("must not have line ends or other control characters");
    }
    AddText(text);
  }

  void AddText(absl::string_view text) {
    if (text.empty()) return;
    if (out_.parts.empty() ||
        !std::holds_alternative<std::string>(out_.parts.back())) {
      out_.parts.emplace_back(std::string());
    }
    absl::StrAppend(&std::get<std::string>(out_.parts.back()), text);
  }

  // A text that is not the file's own.
  void AddForeign(absl::string_view text) {
    if (rules_.use == Use::kUrl) return AddText(EscapeUrlPart(text));
    if (rules_.use == Use::kHeader && !IsHeaderValue(text)) {
      return Fail("what is filled in here would end the header");
    }
    AddText(text);
  }

  void AddPlaceholder(absl::string_view name) {
    using Kind = Placeholder::Kind;
    absl::string_view secret = name;
    if (absl::ConsumePrefix(&secret, "secret.")) {
      const Secret* value = context_.FindSecret(node_, std::string(secret));
      if (value == nullptr) {
        failed_ = true;
        return;
      }
      out_.secret = true;
      AddForeign(value->Reveal());
    } else if (name == "account.name") {
      AddForeign(context_.account().name);
    } else if (name == "account.country") {
      AddForeign(context_.account().default_country);
    } else if (rules_.submission && name == "callback_url") {
      out_.parts.emplace_back(Placeholder{Kind::kCallbackUrl});
    } else if (rules_.submission && name == "reference") {
      out_.parts.emplace_back(Placeholder{Kind::kReference});
    } else if (rules_.job && name == "job") {
      out_.parts.emplace_back(Placeholder{Kind::kJob});
    } else if (rules_.job && name == "jobs") {
      out_.parts.emplace_back(Placeholder{Kind::kJobs});
    } else {
      Fail(absl::StrCat("{", name, "} is no placeholder here; there are ",
                        Known()));
    }
  }

  std::string Known() const {
    return absl::StrCat(
        "{secret.NAME}, {account.name}, {account.country}",
        rules_.submission ? ", {callback_url}, {reference}" : "",
        rules_.job ? ", {job}, {jobs}" : "");
  }

  LoadContext& context_;
  const YamlNode& node_;
  const TemplateRules& rules_;
  Template out_;
  bool failed_ = false;
};

}  // namespace

std::optional<Template> ReadTemplate(LoadContext& context, const YamlNode& node,
                                     const TemplateRules& rules) {
  if (!node.is_scalar()) {
    context.Report(node, "must be a text, which may have placeholders");
    return std::nullopt;
  }
  if (LoadContext::IsExpression(node)) {
    context.Report(node,
                   "must be a text: an expression is not evaluated here, use "
                   "placeholders");
    return std::nullopt;
  }
  return ReadTemplateText(context, node, node.text(), rules);
}

std::optional<Template> ReadTemplateText(LoadContext& context,
                                         const YamlNode& node,
                                         absl::string_view text,
                                         const TemplateRules& rules) {
  return TemplateReader(context, node, rules).Read(text);
}

std::string FixedText(const Template& text) {
  std::string out;
  for (const auto& part : text.parts) {
    if (const auto* fixed = std::get_if<std::string>(&part)) out += *fixed;
  }
  return out;
}

bool Has(const Template& text, Placeholder::Kind kind) {
  return std::any_of(text.parts.begin(), text.parts.end(),
                     [kind](const auto& part) {
                       const auto* found = std::get_if<Placeholder>(&part);
                       return found != nullptr && found->kind == kind;
                     });
}

}  // namespace enrich::rest
