export const show = () => llmevalPreferences.show();
