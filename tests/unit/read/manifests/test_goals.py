from __future__ import annotations

import pytest

from tb_versions.read.manifests.goals import infer_goal


@pytest.mark.parametrize(
    ("goal", "names"),
    [
        (
            "min",
            (
                "loss val_loss epoch_loss train/loss mean_squared_error RMSE valMAE log_loss logloss perplexity nll "
                "latency_ms WER error_2 speaker_2/loss fid val_fid word_error_rate error_rate brier_score ece "
                "negative_log_likelihood neg_log_likelihood cross_entropy binary_crossentropy "
                "sparse_categorical_crossentropy hinge squared_hinge log_cosh huber kl_divergence kl_loss dice_loss "
                "iou_loss evaluation_loss_vs_iterations train_loss_epoch train_loss_step loss_mean p99_latency_ms "
                "latency/p99 seconds_per_step ms_per_image bits_per_dim loss_per_token "
                "mean_absolute_percentage_error test_loss_2 top1_error Loss/train trainLoss "
            ),
        ),
        (
            "max",
            (
                "accuracy val_accuracy top_5_accuracy AUC rocAuc roc_auc auc_roc recall f1 F1Score r2 r2_score "
                "val_r2 val_f1_score mAP mAP50 val_map BLEU bleu4 reward episode_reward mean_reward "
                "examples_per_second images_per_sec throughput psnr psnr_db PSNR ssim mean_io_u miou mIoU "
                "precision_at_k recall@5 sensitivity_at_specificity binary_accuracy auc_1 precision_1 "
                "evaluation_accuracy_vs_iterations acc/val top5_acc acc_top5 f1_macro macro_f1 score val_score "
                "dice_coef jaccard_index r_squared log_likelihood fps hits@10 cosine_similarity accuracy_per_class "
                "rouge1 rougeL average_precision return mean_return inception_score cohen_kappa "
                "val_top_5_accuracy_epoch "
            ),
        ),
        (
            "unknown",
            (
                "temperature lr learning_rate epoch step samples a count validation train 123 bar_2 layer_2 lr_2 "
                "r_2 val_r_2 f_1 accuracy_error loss_accuracy accuracy_loss neg_log_loss neg_mean_squared_error "
                "loss_scale loss_weight score_threshold std_reward reward_std loss_std entropy policy_entropy kl "
                "approx_kl feature_map map_size anomaly_score risk_score num_errors loss_ratio grad_norm "
                "return_length distance errors_per_second 1-accuracy time duration cost_weight target_accuracy "
                "elbo_loss neg_elbo hash_map delta_loss one_minus_accuracy lr2 bar2 dropout_rate hit_2 per "
                "per_second non_accuracy explained_variance "
            ),
        ),
    ],
)
def test_names_tell_which_direction_is_better(goal: str, names: str) -> None:
    assert {name: infer_goal(name) for name in names.split()} == dict.fromkeys(names.split(), goal)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param("-elbo -accuracy 1-auc −loss", id="a sign before the name"),
        pytest.param(
            "time_to_accuracy steps_to_accuracy samples_until_recall epochs_to_loss", id="until it is reached"
        ),
        pytest.param("best_accuracy_epoch best_val_loss_step min_loss_iteration", id="when it was the best"),
        pytest.param("loss_coef value_loss_coefficient accuracy_index", id="the weight of a loss"),
        pytest.param("mean_error val_mean_error signed_error bias_error", id="a sign that may cancel out"),
        pytest.param("param_precision precision_vs_recall recall_vs_loss", id="of something else, or two at once"),
        pytest.param("mixed_precision floating_precision hyperparameter_sensitivity", id="another sense of the word"),
        pytest.param("failures_per_hour dollars_per_hour dropped_frames_per_second joules_per_sec", id="not work"),
        pytest.param("auc_seconds recall_ms score_seconds", id="how long it takes"),
        pytest.param("stderr_accuracy accuracy_stdev standard_error accuracy_sem", id="a spread"),
        pytest.param("false_recall reverse_perplexity lost_accuracy drop_accuracy", id="the reverse"),
    ],
)
def test_names_that_merely_contain_a_metric_are_not_guessed_at(names: str) -> None:
    assert {name: infer_goal(name) for name in names.split()} == dict.fromkeys(names.split(), "unknown")


@pytest.mark.parametrize(
    ("goal", "names"),
    [
        ("max", "tokens_per_second train_samples_per_second eval/steps_per_sec mb_per_second samples_per_sec_per_gpu"),
        ("max", "val_sensitivity end_to_end_accuracy pearson_coefficient accuracy_epoch best_accuracy max_accuracy"),
        ("min", "end_to_end_loss best_loss latency_seconds loss_epoch errors_per_image speech_to_text_wer"),
    ],
)
def test_names_like_these_that_are_metrics_keep_their_goal(goal: str, names: str) -> None:
    assert {name: infer_goal(name) for name in names.split()} == dict.fromkeys(names.split(), goal)


@pytest.mark.parametrize("word", ["bar", "layer", "lr", "speaker", "block", "param", "conv", "error_layer"])
@pytest.mark.parametrize("number", ["2", "1", "12"])
def test_a_number_behind_a_word_makes_no_metric_of_it(word: str, number: str) -> None:
    assert infer_goal(f"{word}_{number}") == infer_goal(f"{word}{number}") == "unknown"


@pytest.mark.parametrize("name", ["loss_accuracy", "accuracy_error", "precision_loss", "recall_cost_error"])
def test_words_that_do_not_agree_tell_nothing(name: str) -> None:
    assert infer_goal(name) == "unknown"


@pytest.mark.parametrize("word", ["neg", "negative", "inverse", "std", "delta", "target", "num", "grad_norm"])
@pytest.mark.parametrize("metric", ["loss", "accuracy", "mean_squared_error", "reward"])
def test_a_word_that_turns_the_meaning_leaves_it_unknown(word: str, metric: str) -> None:
    assert infer_goal(f"{word}_{metric}") == infer_goal(f"{metric}_{word}") == "unknown"


@pytest.mark.parametrize("name", ["", " ", "\0", "é" * 1_000, "_" * 10_000, "A" * 10_000, "aA" * 5_000])
def test_any_text_has_an_answer(name: str) -> None:
    assert infer_goal(name) in ("max", "min", "unknown")
