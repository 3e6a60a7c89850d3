#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "base/random.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/enrich_command.h"
#include "cli/exit_code.h"
#include "cli/global_options.h"
#include "cli/job_commands.h"
#include "cli/job_options.h"
#include "cli/read_commands.h"
#include "cli/rich_error.h"
#include "cli/webhook_commands.h"

namespace enrich::cli {
namespace {

using Outcome = absl::StatusOr<ExitCode>;

// One parsed command line: its flags, and the command that was chosen.
class App {
 public:
  App(const std::vector<std::string>& args, Terminal& terminal,
      const AppHooks& hooks)
      : args_(args), terminal_(terminal), hooks_(hooks) {
    app_.require_subcommand(1);
    app_.footer(ExitCodeHelp());
    AddGlobalFlags(app_, global_);
    AddEnrich();
    AddBatch();
    AddProvider();
    AddJob();
    AddWebhook();
    AddOthers();
    AddConfig();
  }

  int Run() {
    try {
      // CLI11 takes its arguments from the back.
      app_.parse(std::vector<std::string>(args_.rbegin(), args_.rend()));
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error, terminal_.out, terminal_.err);
      return static_cast<int>(code == 0 ? ExitCode::kDone : ExitCode::kUsage);
    }
    const Outcome outcome = command_();
    if (outcome.ok()) return static_cast<int>(*outcome);
    if (outcome.status().code() != absl::StatusCode::kCancelled ||
        !terminal_.stop.stop_requested()) {
      terminal_.err << DescribeError(outcome.status()) << std::endl;
    }
    return static_cast<int>(ExitCodeOf(outcome.status()));
  }

 private:
  using GatewayCommand = std::function<Outcome(CommandContext&)>;

  void AddEnrich();
  void AddBatch();
  void AddOthers();
  void AddProvider();
  void AddJob();
  void AddWebhook();
  void AddWebhookFilter(CLI::App& command);
  void AddProviderTools(CLI::App& provider);
  void AddConfig();

  CLI::App* AddCommand(CLI::App& parent, const std::string& name,
                       const std::string& help, std::function<Outcome()> run) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->fallthrough();
    if (run) {
      command->callback([this, run = std::move(run)] { command_ = run; });
    } else {
      command->require_subcommand(1);
    }
    return command;
  }
  CLI::App* AddGatewayCommand(CLI::App& parent, const std::string& name,
                              const std::string& help, GatewayCommand run,
                              OutputFormat format = OutputFormat::kText) {
    return AddCommand(parent, name, help, [this, run = std::move(run), format] {
      return WithGateway(run, format);
    });
  }
  void AddBatchId(CLI::App& command) {
    command.add_option("batch_id", batch_id_, "the gateway's id of the batch")
        ->required();
  }
  void AddLimit(CLI::App& command) {
    command.add_option("--limit", limit_, "how many; 0 for all")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
  }
  Outcome WithGateway(const GatewayCommand& run, OutputFormat format);
  void WarnAboutToken(const Secret& token);

  const std::vector<std::string>& args_;
  Terminal& terminal_;
  const AppHooks& hooks_;
  CLI::App app_{
      "Finds e-mail addresses and phone numbers of contacts through "
      "an Enrich Gateway.",
      "enrichctl"};
  GlobalFlags global_;
  EnrichFlags enrich_;
  WebhookFlags webhook_;
  std::string batch_id_;
  std::string resume_token_;
  JobListFlags job_list_;
  JobDecisionFlags job_decision_;
  std::string service_;
  std::string config_path_;
  std::vector<std::string> provider_files_;
  std::string provider_file_;
  std::string fixture_file_;
  std::string provider_id_;
  std::string new_folder_;
  int64_t limit_ = 50;
  std::function<Outcome()> command_;
};

void App::AddEnrich() {
  CLI::App* enrich =
      AddGatewayCommand(app_, "enrich", "Look up the contacts of a file.",
                        [this](CommandContext& context) {
                          return EnrichCommand(context, enrich_, args_);
                        });
  AddEnrichFlags(*enrich, enrich_);
  enrich->footer(ExitCodeHelp());
}

void App::AddBatch() {
  CLI::App* batch = AddCommand(app_, "batch", "Batches of the gateway.", {});
  AddBatchId(*AddGatewayCommand(*batch, "get", "Print a batch.",
                                [this](CommandContext& context) {
                                  return GetBatchCommand(context, batch_id_);
                                }));
  AddLimit(*AddGatewayCommand(*batch, "list", "Print batches, newest first.",
                              [this](CommandContext& context) {
                                return ListBatchesCommand(context, limit_);
                              }));
  CLI::App* watch = AddGatewayCommand(
      *batch, "watch", "Print a batch's events as they come.",
      [this](CommandContext& context) {
        return WatchBatchCommand(context, batch_id_, resume_token_);
      },
      OutputFormat::kJsonLines);
  AddBatchId(*watch);
  watch->add_option("--resume-token", resume_token_,
                    "start after the message that had this token");
  AddBatchId(*AddGatewayCommand(*batch, "cancel",
                                "Stop what is not sent to a provider yet.",
                                [this](CommandContext& context) {
                                  return CancelBatchCommand(context, batch_id_);
                                }));
}

void App::AddOthers() {
  AddBatchId(*AddGatewayCommand(app_, "results",
                                "Print the results recorded for a batch.",
                                [this](CommandContext& context) {
                                  return ResultsCommand(context, batch_id_);
                                }));
  AddGatewayCommand(app_, "healthcheck", "Ask whether the gateway serves.",
                    [this](CommandContext& context) {
                      return HealthCommand(context, service_);
                    })
      ->add_option("--service", service_,
                   "one service, such as readiness; default: the whole server");
  CLI::App* completion =
      AddCommand(app_, "completion", "Print a shell's completion script.", {});
  AddCommand(*completion, "bash", "For bash.", [this]() -> Outcome {
    terminal_.out << BashCompletion(app_) << std::flush;
    return ExitCode::kDone;
  });
}

void App::AddProvider() {
  CLI::App* provider =
      AddCommand(app_, "provider", "Provider accounts and provider files.", {});
  AddGatewayCommand(*provider, "list", "Print the accounts and their health.",
                    &ListProvidersCommand);
  if (hooks_.provider_tools.lint != nullptr) AddProviderTools(*provider);
}

void App::AddJob() {
  CLI::App* job = AddCommand(
      app_, "job", "Requests to providers whose outcome is not known.", {});
  AddJobListFlags(
      *AddGatewayCommand(*job, "list", "Print jobs in doubt, newest first.",
                         [this](CommandContext& context) {
                           return ListJobsCommand(context, job_list_);
                         }),
      job_list_);
  CLI::App* approve =
      AddGatewayCommand(*job, "approve", "Have a job in doubt sent again.",
                        [this](CommandContext& context) {
                          return ApproveJobCommand(context, job_decision_);
                        });
  AddJobDecisionFlags(*approve, job_decision_);
  approve->add_option("--max-credits", job_decision_.max_credits,
                      "the most to risk; default: what is shown");
  AddJobDecisionFlags(
      *AddGatewayCommand(*job, "abandon", "Give up a job in doubt.",
                         [this](CommandContext& context) {
                           return AbandonJobCommand(context, job_decision_);
                         }),
      job_decision_);
  CLI::App* audit =
      AddCommand(app_, "audit", "What was decided about jobs in doubt.", {});
  AddLimit(*AddGatewayCommand(*audit, "list", "Print decisions, newest first.",
                              [this](CommandContext& context) {
                                return ListAuditCommand(context, limit_);
                              }));
}

void App::AddProviderTools(CLI::App& provider) {
  const ProviderTools& tools = hooks_.provider_tools;
  const auto add_files = [this](CLI::App* command) {
    command->add_option("files", provider_files_, "provider files")->required();
  };
  add_files(AddCommand(
      provider, "lint", "Check provider files.", [this, &tools]() -> Outcome {
        return static_cast<ExitCode>(tools.lint(provider_files_));
      }));
  add_files(AddCommand(
      provider, "test", "Play the fixtures that provider files name.",
      [this, &tools]() -> Outcome {
        return static_cast<ExitCode>(tools.test(provider_files_));
      }));
  CLI::App* explain = AddCommand(provider, "explain",
                                 "Tell step by step what becomes of a fixture.",
                                 [this, &tools]() -> Outcome {
                                   return static_cast<ExitCode>(tools.explain(
                                       provider_file_, fixture_file_));
                                 });
  explain->add_option("file", provider_file_, "the provider file")->required();
  explain
      ->add_option("fixture", fixture_file_,
                   "the fixture, from here or from the file's folder")
      ->required();
  CLI::App* create = AddCommand(
      provider, "new", "Print a provider file to start from.",
      [this, &tools]() -> Outcome {
        return static_cast<ExitCode>(tools.create(provider_id_, new_folder_));
      });
  create->add_option("id", provider_id_, "the provider, such as acme")
      ->required();
  create->add_option("--out", new_folder_,
                     "a folder to write the file and its fixture into");
}

void App::AddWebhook() {
  CLI::App* webhook = AddCommand(app_, "webhook", "What providers pushed.", {});
  CLI::App* list = AddGatewayCommand(
      *webhook, "list", "Print webhooks, without their bodies.",
      [this](CommandContext& context) {
        return ListWebhooksCommand(context, webhook_, limit_);
      });
  AddWebhookFilter(*list);
  list->add_option("--limit", limit_, "how many; 0 for all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  CLI::App* replay = AddGatewayCommand(
      *webhook, "replay",
      "Run webhooks again; corrections become new events, nothing is paid.",
      [this](CommandContext& context) {
        return ReplayWebhooksCommand(context, webhook_);
      });
  AddWebhookFilter(*replay);
  replay->add_option("--id", webhook_.ids, "only these");
  replay->add_flag("--dry-run", webhook_.dry_run,
                   "say how many would be run, and run none");
}

void App::AddWebhookFilter(CLI::App& command) {
  command.add_option("--account", webhook_.account,
                     "only those of this provider account");
  command.add_option("--job", webhook_.job,
                     "only those of the job with this id at the provider");
  command.add_option("--since", webhook_.since,
                     "only those that came at this time or later, such as "
                     "2026-11-26T08:00:00Z, or this long ago, such as 2h");
  command.add_option("--until", webhook_.until,
                     "only those that came before this time");
  command.add_flag("--quarantined", webhook_.quarantined,
                   "only those in quarantine");
}

void App::AddConfig() {
  if (hooks_.config_check == nullptr) return;
  CLI::App* config = AddCommand(app_, "config", "The gateway's files.", {});
  AddCommand(*config, "check", "Check a configuration file.",
             [this]() -> Outcome {
               return static_cast<ExitCode>(hooks_.config_check(config_path_));
             })
      ->add_option("file", config_path_, "the configuration")
      ->required();
}

void App::WarnAboutToken(const Secret& token) {
  if (global_.quiet || !IsExposed(token, global_.connect)) return;
  terminal_.err << "warning: the token travels unencrypted; use --tls"
                << std::endl;
}

Outcome App::WithGateway(const GatewayCommand& run, OutputFormat format) {
  ASSIGN_OR_RETURN(GlobalOptions options, ReadGlobalFlags(global_, format));
  RetryPolicy policy = hooks_.retry;
  policy.max_wait = options.max_wait;
  policy.max_first_wait = std::min(options.timeout, policy.max_wait);
  WarnAboutToken(options.token);
  ASSIGN_OR_RETURN(const auto channel, OpenChannel(global_.connect));
  const GatewayClient client(channel, std::move(options.token),
                             options.timeout);
  const SystemClock clock;
  SystemRandom random;
  Patience patience(policy, clock);
  const GatewaySession session(client, patience, random, policy);
  CommandContext context{.client = client,
                         .session = session,
                         .clock = clock,
                         .terminal = terminal_,
                         .format = options.format,
                         .quiet = global_.quiet};
  return run(context);
}

}  // namespace

int RunEnrichctl(const std::vector<std::string>& args, Terminal& terminal,
                 const AppHooks& hooks) {
  return App(args, terminal, hooks).Run();
}

}  // namespace enrich::cli
