package views

import "context"

// registeredLayout is with the script that tells the platform.
func registeredLayout(ctx context.Context, p Page) Page {
	page := platformLayout(ctx, p, T(ctx, "register.done"))
	page.Scripts = append(page.Scripts, "js/lti_close.js")
	return page
}

// deploymentHint says what an empty deployment means.
func (f PlatformForm) deploymentHint(ctx context.Context) string {
	if f.ID != "" && f.Deployment == "" {
		return T(ctx, "platforms.deploymentOpen")
	}
	return ""
}

func (f PlatformForm) framesHint(ctx context.Context) string {
	if f.Version == "1.1" {
		return T(ctx, "platforms.framesHint11")
	}
	return T(ctx, "platforms.framesHint")
}
